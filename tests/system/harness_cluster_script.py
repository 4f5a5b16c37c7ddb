"""tools/cluster.sh on free ports, with a folder of its own."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from harness_server import eventually, free_port

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "tools/cluster.sh"
UP_DEADLINE_S = 300


class ClusterScript:
    def __init__(self, binary, nodes=1, backing="none", **settings):
        # Not in pytest's own folder: the servers' user could not enter it.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="edda-cluster-"))
        self.folder.chmod(0o755)
        self.node_ports = [free_port() for _ in range(nodes)]
        self.ports = {name: str(free_port()) for name in ("NGINX_PORT", "POSTGRES_PORT", "REDIS_PORT", "KAFKA_PORT", "KAFKA_CONTROLLER_PORT", "PAYSIM_PORT")}
        self.url = f"http://127.0.0.1:{self.ports['NGINX_PORT']}"
        chosen = self.ports | {"NODE_PORTS": ",".join(map(str, self.node_ports)), "BACKING": backing, "FOLDER": str(self.folder / "cluster")}
        self.environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment |= {"EDDA_BIN": binary} | {f"CLUSTER_{name}": value for name, value in (chosen | settings).items()}

    def run(self, *arguments, **environment):
        return subprocess.run([SCRIPT, *arguments], env=self.environment | environment, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              timeout=UP_DEADLINE_S, check=False)

    def begin(self, *arguments):
        """Does not wait for its end."""
        return subprocess.Popen([SCRIPT, *arguments], env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, start_new_session=True)

    def status(self):
        """{name: its line of status --json}"""
        return {server["name"]: server for server in json.loads(self.run("status", "--json").stdout)["servers"]}

    def kill(self, name, how=signal.SIGKILL):
        os.kill(self.status()[name]["pid"], how)

    def processes(self):
        """Those that work in the cluster's folder, by /proc: no record of the script is believed."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if pathlib.Path(os.readlink(process / "cwd")).is_relative_to(self.folder) and "Z" not in state_of(process):
                    found.append((process.name, (process / "cmdline").read_text().replace("\0", " ")))
            except OSError:
                continue
        return found

    def remove(self):
        self.run("down")
        shutil.rmtree(self.folder, ignore_errors=True)


def state_of(process):
    return (process / "stat").read_text().rsplit(") ", 1)[1][0]


def nothing_runs(cluster):
    eventually(lambda: not cluster.processes(), f"nothing runs: {cluster.processes()}")
    return True
