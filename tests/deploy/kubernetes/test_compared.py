"""scenarios/compare for real: the same suite on Compose and on Kubernetes, on one machine, and what it prints."""

import contextlib
import os
import socket
import subprocess

import pytest

from compose import Project
from engine import HERE, Engine
from harness_server import free_port
from lab import LAB, TOP, eventually, run

OVERLAY = "cluster"
NGINX = "127.0.0.1:8090"


@pytest.fixture
def compose(monkeypatch):
    """An engine beside the cluster, with compose.yaml in it."""
    monkeypatch.setenv("EDDA_COMPOSE", run(HERE / "find_compose.sh").stdout.strip())
    engine = Engine().start()
    try:
        project = Project(engine, "compose.yaml")
        project.up()
        yield engine
        project.down()
    finally:
        engine.stop()


@contextlib.contextmanager
def on_the_loopback(process, address):
    """A port of this machine that leads to an address of another network, that of the process."""
    port = free_port()
    inside = f"nsenter --target {process} --net socat - TCP\\:{address.replace(':', chr(92) + ':')}"
    with subprocess.Popen(["socat", f"TCP-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork", f"EXEC:{inside}"], stderr=subprocess.DEVNULL) as forward:
        try:
            eventually(lambda: reached(port), "the port is open", 10)
            yield f"http://127.0.0.1:{port}"
        finally:
            forward.terminate()


def reached(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def test_the_same_suite_on_both_side_by_side(deployed, compose):
    machine = (LAB / "run/n1.pid").read_text().strip()
    with on_the_loopback(compose.inside(), NGINX) as one, on_the_loopback(machine, deployed.url().removeprefix("http://")) as other:
        done = subprocess.run([TOP / "scenarios/compare", f"compose={one}", f"kubernetes={other}"], capture_output=True, text=True, timeout=300, check=False,
                              env={"PATH": os.environ["PATH"]})
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["compose", "kubernetes"]
    # The lock's times are not told by a node in production mode, as those of the cluster are.
    rows = [line for line in lines if line.startswith(("saga,", "shares of accepted orders", "shares of charges"))]
    assert len(rows) == 3 and not any("(not told)" in line for line in rows), done.stdout
