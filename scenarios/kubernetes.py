"""What the Kubernetes scenarios share: kubectl, Edda's pods, and `edda verify` in one of them."""

import contextlib
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

    def restarts(self):
        """{pod: times that its containers were started again}"""
        return {pod["metadata"]["name"]: sum(one["restartCount"] for one in pod["status"].get("containerStatuses", [])) for pod in self.get("pods")["items"]}

    def service(self, labels):
        """The name of the Service of a server that has these labels; "" where there is none."""
        return next((one["metadata"]["name"] for one in self.get("services", "--selector", labels)["items"]), "")

    def replicas(self):
        """How many nodes the Deployment wants."""
        return self.get("deployment", "edda")["spec"]["replicas"]

    def autoscaler(self):
        """The HorizontalPodAutoscaler of the nodes; {} where there is none."""
        done = self.k("get", "horizontalpodautoscaler", "edda", "--ignore-not-found", "--output", "json")
        return json.loads(done.stdout or "{}")

    @contextlib.contextmanager
    def autoscaler_set(self, **changes):
        """With these parts of the HorizontalPodAutoscaler's spec, if there is one; what it was is put back at the end."""
        was = self.autoscaler().get("spec")
        if was:
            self.patch_autoscaler(changes)
        try:
            yield
        finally:
            if was:
                self.patch_autoscaler({name: was.get(name) for name in changes})

    def patch_autoscaler(self, changes):
        self.k("patch", "horizontalpodautoscaler", "edda", "--type=merge", "--patch", json.dumps({"spec": changes}))

    def told(self):
        """What `edda nodes` tells in one of the pods; None while it does in none."""
        for pod in self.pods():
            done = self.k("exec", pod, "--", "edda", "nodes", "--json", check=False)
            if done.returncode == 0:
                return json.loads(done.stdout)
        return None

    def nodes(self):
        """({node: number of its shards}, number of all shards); ({}, 0) while no node tells."""
        told = self.told() or {"nodes": [], "shards": []}
        return {one["id"]: len(one["shards"]) for one in told["nodes"]}, len(told["shards"])

    def owned_by_all(self, deadline_s=60):
        """As `nodes`, once the ready pods own everything or the time is up."""
        until = time.monotonic() + deadline_s
        while True:
            owned, shards = self.nodes()
            if time.monotonic() > until or (sum(owned.values()) == shards > 0 and owned.keys() == self.pods().keys()):
                return owned, shards
            time.sleep(0.5)

    def feed_behind(self, deadline_s=60):
        """Events that are not published once the time is up; 0 as soon as all are, or where nothing publishes."""
        until = time.monotonic() + deadline_s
        while True:
            told = self.told()
            shards = told["shards"] if told else []
            publishes = any(one["lag"] is not None for one in shards)
            behind = sum(one["last_position"] - (one["published_position"] or 0) for one in shards) * publishes if told else None
            if behind == 0 or time.monotonic() > until:
                return behind
            time.sleep(0.5)

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
