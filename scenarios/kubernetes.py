"""What the Kubernetes scenarios share: kubectl, Edda's pods, and `edda verify` in one of them."""

import json
import os
import shlex
import socket
import subprocess
import time

from scenario import Unreachable

NODES = "app.kubernetes.io/name=edda,app.kubernetes.io/component=node"


def add_kubernetes_arguments(parser):
    parser.add_argument("--namespace", "-n", default=os.environ.get("EDDA_NAMESPACE", "edda"), help="where Edda is (EDDA_NAMESPACE; default %(default)s)")
    parser.add_argument("--kubectl", default=os.environ.get("KUBECTL", "kubectl"), help="(KUBECTL; default %(default)s)")


class Cluster:
    def __init__(self, options):
        self.namespace = options.namespace
        self.words = [*shlex.split(options.kubectl), "--namespace", options.namespace]
        if not self.pods():
            raise Unreachable(f"No pod of Edda is ready in the namespace {options.namespace}.")

    def k(self, *words, timeout=240, check=True):
        try:
            done = subprocess.run([*self.words, *words], capture_output=True, text=True, timeout=timeout, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unreachable(f"kubectl {' '.join(words)}: {error}") from error
        if check and done.returncode != 0:
            raise Unreachable(f"kubectl {' '.join(words)}: {done.stderr.strip()}")
        return done

    def get(self, *words):
        return json.loads(self.k("get", *words, "--output", "json").stdout)

    def pods(self, labels=NODES):
        """{name: address} of those that are ready."""
        ready = {}
        for pod in self.get("pods", "--selector", labels)["items"]:
            states = {one["type"]: one["status"] for one in pod["status"].get("conditions", [])}
            if states.get("Ready") == "True" and "deletionTimestamp" not in pod["metadata"]:
                ready[pod["metadata"]["name"]] = pod["status"]["podIP"]
        return ready

    def workloads(self):
        """Deployments and StatefulSets, as kubectl names them."""
        return self.k("get", "deployments,statefulsets", "--output", "name").stdout.split()

    def settled(self, deadline_s=240):
        """All that is wanted is there and ready."""
        return all(self.k("rollout", "status", one, f"--timeout={deadline_s}s", timeout=deadline_s + 30, check=False).returncode == 0 for one in self.workloads())

    def nodes(self):
        """({node: number of its shards}, number of all shards), as one of them tells; ({}, 0) while none does."""
        for pod in self.pods():
            done = self.k("exec", pod, "--", "edda", "nodes", "--json", check=False)
            if done.returncode == 0:
                told = json.loads(done.stdout)
                return {one["id"]: len(one["shards"]) for one in told["nodes"]}, len(told["shards"])
        return {}, 0

    def verify(self, deadline_s=90):
        """(whether `edda verify` finds nothing, what it said): asked again while sagas are under way."""
        until = time.monotonic() + deadline_s
        while True:
            done = self.k("exec", next(iter(self.pods()), "none"), "--", "edda", "verify", check=False)
            if done.returncode == 0 or time.monotonic() > until:
                return done.returncode == 0, " ".join((done.stdout + done.stderr).split())[-300:] if done.returncode else ""
            time.sleep(1)


def reachable(address, port=3000):
    try:
        with socket.create_connection((address, port), timeout=1):
            return True
    except OSError:
        return False
