"""A Kubernetes of two machines for these tests, and what is put into it."""

import base64
import json
import os
import pathlib
import subprocess
import time

import yaml

TOP = pathlib.Path(__file__).resolve().parents[3]
K8S = TOP / "deploy/k8s"
LAB = pathlib.Path(os.environ["K8S_LAB"])
NODES_OF_EDDA = "app.kubernetes.io/name=edda,app.kubernetes.io/component=node"


def run(*command, stdin=None, fails=False, timeout=120, **more):
    done = subprocess.run([str(word) for word in command], input=stdin, capture_output=True, text=True, timeout=timeout, check=False, **more)
    assert fails or done.returncode == 0, f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return done


def eventually(holds, what, deadline_s=120):
    """What `holds` answers once it is true."""
    until = time.monotonic() + deadline_s
    while True:
        seen = holds()
        if seen:
            return seen
        assert time.monotonic() < until, f"not within {deadline_s} s: {what}"
        time.sleep(0.5)


def objects_of(text):
    return [one for one in yaml.safe_load_all(text) if one]


def rendered(overlay):
    """The overlay's objects, as `kubectl apply -k` would send them."""
    return run(LAB / "bin/kubectl", "kustomize", K8S / "overlays" / overlay).stdout


class Lab:
    def up(self):
        run(LAB / "up.sh", timeout=300, env={**os.environ, "NODES": "2"})

    def load(self, archive):
        # Its exit code says whether there is a third machine.
        said = run(LAB / "load", archive, fails=True, timeout=600)
        assert said.stdout.count("done") and "rror" not in said.stderr, said.stderr

    def down(self):
        # It removes what the images of two machines unpacked to: minutes on a slow disk.
        run(LAB / "down.sh", timeout=600)

    def k(self, *words, **how):
        return run(LAB / "k", *words, **how)

    def folder_of(self, volume):
        path = json.loads(self.k("get", "pv", volume, "--output", "json").stdout)["spec"]["hostPath"]["path"]
        return LAB / "run" / path.lstrip("/")

    def in_network(self, *command, **how):
        """A command of this machine, as if it ran on the first of the cluster's."""
        return run("nsenter", "-t", (LAB / "run/n1.pid").read_text().strip(), "-n", *command, **how)


class Deployed:
    """An overlay, or a chart's rendering, in its namespace."""

    def __init__(self, lab, text):
        self.lab, self.text = lab, text
        self.objects = objects_of(text)
        self.namespace = next(one["metadata"]["name"] for one in self.objects if one["kind"] == "Namespace")

    def k(self, *words, **how):
        return self.lab.k("--namespace", self.namespace, *words, **how)

    def get(self, *words):
        return json.loads(self.k("get", *words, "--output", "json").stdout)

    def up(self):
        run(K8S / "make-secrets.sh", self.namespace, env={**os.environ, "KUBECTL": str(LAB / "k")})
        self.make_volumes()
        self.lab.k("apply", "--filename", "-", stdin=self.text)
        for one in self.objects:
            if one["kind"] in ("Deployment", "StatefulSet"):
                self.k("rollout", "status", f"{one['kind']}/{one['metadata']['name']}", "--timeout=180s", timeout=200)

    def make_volumes(self):
        """The lab's volumes are plain folders of root, on which fsGroup has no effect: they are opened before the pods come."""
        claims = [one for one in self.objects if one["kind"] == "PersistentVolumeClaim"]
        for owner in [one for one in self.objects if one["kind"] == "StatefulSet"]:
            for claim in owner["spec"].get("volumeClaimTemplates", []):
                name = f"{claim['metadata']['name']}-{owner['metadata']['name']}-0"
                claims.append({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": name, "namespace": self.namespace},
                               "spec": claim["spec"]})
        self.lab.k("apply", "--filename", "-", stdin=yaml.safe_dump_all(claims))
        bound = eventually(lambda: self.bound_volumes(len(claims)), "all claims are bound")
        for volume in bound:
            self.lab.folder_of(volume).chmod(0o777)

    def bound_volumes(self, wanted):
        items = self.get("pvc")["items"]
        names = [one["spec"].get("volumeName") for one in items if one["status"].get("phase") == "Bound"]
        return names if len(names) == wanted else None

    def down(self):
        self.lab.k("delete", "namespace", self.namespace, "--ignore-not-found", timeout=180)

    def url(self, service="edda"):
        return f"http://{self.get('service', service)['spec']['clusterIP']}:3000"

    def pods(self, labels=NODES_OF_EDDA):
        return [one for one in self.get("pods", "--selector", labels)["items"] if "deletionTimestamp" not in one["metadata"]]

    def edda(self, *words, pod="deploy/edda", **how):
        return self.k("exec", pod, "--container", "edda", "--", "edda", *words, **how)

    def folder(self, claim):
        """What a claim's volume holds, as this machine sees it."""
        return self.lab.folder_of(self.get("pvc", claim)["spec"]["volumeName"])

    def run_now(self, cronjob):
        self.k("create", "job", f"--from=cronjob/{cronjob}", f"{cronjob}-now")
        self.k("wait", "--for=condition=complete", f"job/{cronjob}-now", "--timeout=90s", timeout=100)
        return self.k("logs", f"job/{cronjob}-now").stdout

    def admin_password(self):
        return base64.b64decode(self.get("secret", "edda")["data"]["admin-password"]).decode()

    def scenario(self, name, *arguments, timeout=300):
        done = self.lab.in_network(TOP / "scenarios" / f"{name}.sh", "--url", self.url(), "--json", *arguments, fails=True, timeout=timeout,
                                   env={**os.environ, "ADMIN_PASSWORD": self.admin_password(), "KUBECTL": str(LAB / "k"), "EDDA_NAMESPACE": self.namespace})
        assert done.stdout, done.stderr
        result = json.loads(done.stdout)
        assert done.returncode == 0 and result["passed"], [check for check in result["checks"] if not check["ok"]]
        return result

    def verified(self):
        """`edda verify` in a pod finds nothing; asked again while sagas are under way."""
        return eventually(lambda: self.edda("verify", fails=True).returncode == 0, "edda verify finds nothing", 60)
