"""A Kubernetes of two machines for these tests, and what is put into it."""

import base64
import json
import os
import pathlib
import subprocess
import tarfile
import time

import yaml

TOP = pathlib.Path(__file__).resolve().parents[3]
K8S = TOP / "deploy/k8s"
LAB = pathlib.Path(os.environ["K8S_LAB"])
MACHINES = ("n1", "n2")
EVENTS_TOLD, LINES_TOLD = 40, 30
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


def names_in(archive):
    """The images of a file that `docker save` wrote, as containerd calls them."""
    with tarfile.open(archive) as opened:
        tags = [tag for image in json.load(opened.extractfile("manifest.json")) for tag in image["RepoTags"]]
    return {f"docker.io/{tag}" if "/" in tag else f"docker.io/library/{tag}" for tag in tags}


def free_space():
    return run("df", "-h", LAB).stdout


def objects_of(text):
    return [one for one in yaml.safe_load_all(text) if one]


def rendered(overlay):
    """The overlay's objects, as `kubectl apply -k` would send them."""
    return run(LAB / "bin/kubectl", "kustomize", K8S / "overlays" / overlay).stdout


def condition_lines(machines):
    """A line for each condition of a machine (Ready, DiskPressure ...), and for its taints."""
    lines = []
    for machine in machines:
        name = machine["metadata"]["name"]
        lines += [f"{name} {one['type']}={one['status']}: {one.get('message', '')}" for one in machine["status"]["conditions"]]
        lines += [f"{name} taint {one['key']}:{one['effect']}" for one in machine["spec"].get("taints", [])]
    return lines


class Lab:
    def up(self):
        run(LAB / "up.sh", timeout=300, env={**os.environ, "NODES": str(len(MACHINES))})

    def load(self, archive):
        """Every image of the archive, onto each machine."""
        # Its exit code says whether there is a third machine.
        said = run(LAB / "load", archive, fails=True, timeout=600)
        wanted = names_in(archive)
        for machine in MACHINES:
            there = run(LAB / "in-node", machine, "ctr", "--namespace", "k8s.io", "images", "check", "--quiet").stdout.split()
            missing = wanted - set(there)
            assert not missing, f"not on {machine}, or not whole: {sorted(missing)}\n{said.stdout[-2000:]}\n{said.stderr[-2000:]}\n{free_space()}"

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
                self.rolled_out(f"{one['kind']}/{one['metadata']['name']}")

    def rolled_out(self, workload):
        done = self.k("rollout", "status", workload, "--timeout=180s", fails=True, timeout=200)
        assert done.returncode == 0, f"{workload} is not ready: {done.stderr}\n{self.state()}"

    def state(self):
        """What tells why something does not come up: pods, what happened to them, the machines, what the containers said."""
        parts = [free_space(), self.k("get", "pods", "--output", "wide", fails=True).stdout]
        events = self.k("get", "events", "--sort-by=.lastTimestamp", fails=True).stdout.splitlines()
        parts += ["\n".join(events[:1] + events[1:][-EVENTS_TOLD:])]
        machines = self.lab.k("get", "nodes", "--output", "json", fails=True).stdout
        parts += ["\n".join(condition_lines(json.loads(machines)["items"])) if machines else "no machine is told"]
        for pod in self.k("get", "pods", "--output", "name", fails=True).stdout.split():
            said = self.k("logs", pod, "--all-containers", "--prefix", f"--tail={LINES_TOLD}", fails=True)
            parts += [f"{pod}:\n{said.stdout}{said.stderr}"]
        return "\n\n".join(parts)

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
