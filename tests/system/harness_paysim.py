"""`edda paysim`, a payment gateway in a process of its own."""

import os
import subprocess

import requests

from harness_server import START_DEADLINE_S, STOP_DEADLINE_S, eventually, free_port

SECRET = "the-gateways-own-secret"
WEBHOOK_SECRET = "whsec-0123456789abcdef"
# What Edda must know of it, beside its address.
FOR_EDDA = {"EDDA_GATEWAY_SECRET": SECRET, "EDDA_GATEWAY_WEBHOOK_SECRET": WEBHOOK_SECRET, "EDDA_GATEWAY_TIMEOUT_MS": "400"}


class Paysim:
    """Keeps its port and its ledger over restarts."""

    def __init__(self, binary, folder, *arguments):
        self.binary, self.folder, self.arguments = binary, folder, arguments
        self.port, self.ledger = free_port(), folder / "paysim.ledger"
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
        environment |= {"EDDA_PAYSIM_SECRET": SECRET, "EDDA_PAYSIM_WEBHOOK_SECRET": WEBHOOK_SECRET}
        command = [self.binary, "paysim", "--port", self.port, "--ledger", self.ledger, *self.arguments]
        with (self.folder / "paysim.stderr").open("ab") as err:
            self.process = subprocess.Popen(list(map(str, command)), env=environment, stdin=subprocess.DEVNULL, stdout=err,
                                            stderr=err)
        eventually(self.is_ready, "paysim is ready", START_DEADLINE_S)
        return self

    def is_ready(self):
        assert self.process.poll() is None, (self.folder / "paysim.stderr").read_text()
        try:
            return requests.get(self.url + "/livez", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(STOP_DEADLINE_S)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()
