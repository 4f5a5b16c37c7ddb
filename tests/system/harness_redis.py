"""A Redis server of the tests' own; it keeps its port over restarts and nothing on disk."""

import socket
import subprocess

from harness_server import eventually, free_port


class Redis:
    PASSWORD = "redis-password-for-tests"

    def __init__(self, folder):
        self.folder, self.port, self.process, self.arguments = folder, free_port(), None, []

    def start(self):
        command = ["redis-server", "--bind", "127.0.0.1", "--port", self.port, "--requirepass", self.PASSWORD, "--save", "",
                   "--dir", self.folder, *self.arguments]
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        eventually(self.is_ready, "Redis is ready", 30)
        return self

    def is_ready(self):
        assert self.process.poll() is None, (self.folder / "redis.log").read_text()
        try:
            with socket.create_connection(("127.0.0.1", self.port), 2) as link:
                link.sendall(b"PING\r\n")
                return link.recv(100).startswith(b"-NOAUTH")
        except OSError:
            return False

    def for_edda(self):
        return {"REDIS_HOST": "127.0.0.1", "REDIS_PORT": str(self.port), "REDIS_PASSWORD": self.PASSWORD}

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
