"""A Docker engine for the tests alone (engine.sh), and what they ask of it."""

import json
import os
import pathlib
import signal
import subprocess

from harness_server import eventually

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FOLDER = ROOT / "build/deploy"


def run(*command, deadline_s=120, check=True, **how):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=deadline_s, check=False, **how)
    assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done


class Engine:
    def __init__(self):
        self.folder = FOLDER / "engine"
        self.environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment |= {"DOCKER_HOST": f"unix://{self.folder}/docker.sock", "DOCKER_BUILDKIT": "0", "COMPOSE_PROGRESS": "plain"}
        self.process = self.namespace = None

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen([HERE / "engine.sh", self.folder], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        eventually(self.answers, f"the Docker engine answers; its log is {self.folder / 'log'}", 60)
        self.namespace = os.readlink(f"/proc/{self.inside()}/ns/pid")
        return self

    def answers(self):
        assert self.process.poll() is None, (self.folder / "log").read_text()
        return run("docker", "info", env=self.environment, check=False).returncode == 0

    def inside(self):
        return (self.folder / "inside").read_text().strip()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def processes(self):
        """Those of the engine and of everything in it, by the kernel's record: none may be left after stop."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(process / "ns/pid") == self.namespace:
                    found.append((process / "cmdline").read_text().replace("\0", " "))
            except OSError:
                continue
        return found

    def docker(self, *arguments, **how):
        return run("docker", *arguments, env=self.environment, **how).stdout.strip()

    def inspect(self, what):
        return json.loads(self.docker("inspect", what))[0]

    def network(self, *command, environment=None, **how):
        """Runs a command where containers' published ports are on the loopback."""
        return run("nsenter", "--target", self.inside(), "--net", *command, env=self.environment | (environment or {}), **how)

    def kill_process_of(self, container):
        """As a crash would: the engine has no part in it."""
        pid = self.docker("inspect", "--format", "{{.State.Pid}}", container)
        run("nsenter", "--target", self.inside(), "--pid", "--mount", "kill", "-KILL", pid)
