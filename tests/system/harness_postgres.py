"""A PostgreSQL server of the tests' own, in a folder that goes away with it."""

import ctypes
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

from harness_server import eventually, free_port

PR_SET_PDEATHSIG = 1


def program(name):
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    assert found, "PostgreSQL is not installed: apt-get install postgresql-15"
    return str(found[-1])


def ends_with_the_tests():
    """For the child: it gets SIGQUIT when the process that started it ends, however that ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


class Postgres:
    """Listens on the loopback; everybody is let in. Keeps its port over restarts."""

    USER = "edda"

    def __init__(self):
        # Not below pytest's folder: that one is its user's alone, and PostgreSQL refuses to run as root.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="edda-postgres-"))
        self.data, self.port, self.process = self.folder / "data", free_port(), None
        self.account, self.settings = {}, []
        if os.geteuid() == 0:
            entry = pwd.getpwnam("postgres")
            self.account = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
        self.run("initdb", "--pgdata", self.data, "--username", self.USER, "--auth=trust", "--no-sync", "--encoding=UTF8",
                 "--locale=C", "--no-instructions")

    def run(self, name, *arguments):
        return self.run_as(program(name), *arguments)

    def run_as(self, *command):
        """As the server's user."""
        done = subprocess.run(list(map(str, command)), cwd="/", capture_output=True, text=True, check=False, **self.account)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self):
        settings = ["listen_addresses=127.0.0.1", "shared_buffers=32MB", "max_connections=200", *self.settings]
        command = [program("postgres"), "-D", self.data, "-p", self.port, "-k", self.folder]
        for setting in settings:
            command += ["-c", setting]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(list(map(str, command)), cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            preexec_fn=ends_with_the_tests, **self.account)
        eventually(self.is_ready, "PostgreSQL is ready", 60)
        return self

    def is_ready(self):
        assert self.process.poll() is None, (self.folder / "log").read_text()
        asked = subprocess.run([program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False)
        return asked.returncode == 0

    def create(self, database):
        self.run("createdb", "-h", self.folder, "-p", self.port, "-U", self.USER, "--template=template0", database)

    def ask(self, database, query):
        """The rows of a query, each a list of texts."""
        text = self.run("psql", "-h", self.folder, "-p", self.port, "-U", self.USER, "-d", database, "-AtF", "|", "-c", query)
        return [line.split("|") for line in text.splitlines()]

    def for_edda(self, database):
        return {"DATABASE_HOST": "127.0.0.1", "DATABASE_PORT": str(self.port), "DATABASE_NAME": database,
                "DATABASE_USER": self.USER}

    def kill(self):
        """What the loss of its machine looks like to its clients; nothing that was committed is lost."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait()

    def make_standby(self):
        """The standby begins as the server is now, and gets nothing of what comes later: that is the tail a fail-over loses."""
        self.run("pg_basebackup", "-h", self.folder, "-p", self.port, "-U", self.USER, "-D", self.folder / "standby",
                 "--checkpoint=fast", "--no-sync")
        self.run_as("touch", self.folder / "standby/standby.signal")

    def fail_over(self):
        """After kill(): the standby takes over, under the same address."""
        self.data.rename(self.folder / "lost")
        (self.folder / "standby").rename(self.data)
        self.start()
        self.run("pg_ctl", "promote", "--wait", "-D", self.data)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)
