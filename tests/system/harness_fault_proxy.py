"""`edda fault-proxy`: a TCP link that goes wrong on command."""

import ctypes
import re
import signal
import socket
import subprocess

from harness_server import STOP_DEADLINE_S, eventually, free_port

PR_SET_PDEATHSIG = 1


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class FaultProxy:
    """Between whoever connects to `port` and a server at `to_port`, all on the loopback."""

    def __init__(self, binary, to_port, seed=1):
        self.port, self.control = free_port(), free_port()
        command = [binary, "fault-proxy", "--listen", f"127.0.0.1:{self.port}", "--to", f"127.0.0.1:{to_port}",
                   "--control", f"127.0.0.1:{self.control}", "--seed", str(seed)]
        self.process = subprocess.Popen(command, env={"PATH": "/usr/bin:/bin"}, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        preexec_fn=die_with_parent)
        eventually(self.answers, "the fault proxy answers")

    def answers(self):
        assert self.process.poll() is None, "the fault proxy ended"
        try:
            return self.tell("status")
        except ConnectionRefusedError:
            return False

    def tell(self, command):
        """What it counts, after the command: {"connections": 3, "accepted": 17, "cut": 5, "up": bytes, "down": bytes}"""
        with socket.create_connection(("127.0.0.1", self.control), 10) as link:
            link.sendall(command.encode() + b"\n")
            answer = b"".join(iter(lambda: link.recv(4096), b"")).decode()
        assert answer.startswith("ok "), f"{command}: {answer}"
        return {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", answer.split("faults:")[0])}

    def stop(self):
        """SIGTERM; the exit status."""
        self.process.terminate()
        return self.process.wait(STOP_DEADLINE_S)
