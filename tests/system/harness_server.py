"""A server of the binary under test, in a process of its own."""

import os
import socket
import subprocess
import time

import requests

ADMIN = {"email": "admin@example.com", "password": "an-admin-password-for-tests"}
SECRETS = {"JWT_SECRET": "test-access-secret-0123456789abcdef", "JWT_REFRESH_SECRET": "test-refresh-secret-0123456789abcdef"}
START_DEADLINE_S = 20
STOP_DEADLINE_S = 20


def eventually(check, what, deadline_s=15, every_s=0.02):
    """The first true answer of `check`, asked again and again until the deadline."""
    end = time.monotonic() + deadline_s
    while True:
        if answer := check():
            return answer
        assert time.monotonic() < end, f"not within {deadline_s} s: {what}"
        time.sleep(every_s)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`edda serve` on a free port of the loopback. Nothing of the caller's environment that Edda reads reaches it."""

    def __init__(self, binary, folder, environment=None, arguments=(), port=None):
        """`port`: the same for every start; else each takes a free one."""
        self.binary, self.folder, self.arguments, self.fixed_port = binary, folder, list(arguments), port
        self.environment = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
        self.environment |= {"ADMIN_EMAIL": ADMIN["email"], "ADMIN_PASSWORD": ADMIN["password"]} | SECRETS
        self.environment |= environment or {}
        self.process = None

    def start(self):
        self.launch()
        eventually(self.is_ready, "the server is ready", START_DEADLINE_S)
        return self

    def launch(self):
        """Starts the process and does not wait for it."""
        self.port = self.fixed_port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "stdout").open("ab") as out, (self.folder / "stderr").open("ab") as err:
            self.process = subprocess.Popen(
                [self.binary, "serve", "--data", str(self.folder / "data"), "--port", str(self.port), *self.arguments],
                env=self.environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=self.folder)

    def is_ready(self):
        assert self.process.poll() is None, f"the server ended with {self.process.returncode}:\n{self.log()}"
        try:
            return requests.get(self.url + "/readyz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def log(self, lines=40):
        return "\n".join((self.folder / "stderr").read_text(errors="replace").splitlines()[-lines:])

    def stop(self):
        """SIGTERM; the exit status."""
        self.process.terminate()
        try:
            return self.process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"no end within {STOP_DEADLINE_S} s of SIGTERM:\n{self.log()}") from None

    def kill(self):
        """SIGKILL: what a crash looks like."""
        self.process.kill()
        self.process.wait()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()
