"""What dies, hangs or forgets, under load through nginx: what clients were told stands, nobody is charged twice, every order ends."""

import os
import signal
import subprocess
import time

import pytest

from backing import BACKING
from harness_server import eventually
from process_load import Caller, Sent, User
from under_load import RepeatingLoad, settle


@pytest.mark.parametrize("node", ["node-1", "node-2", "node-3"])
def test_a_killed_node(cluster, under_load, node):
    under_load(lambda _: cluster.kill(node))


@pytest.mark.parametrize("node", ["node-1", "node-2", "node-3"])
def test_a_node_that_sleeps_beyond_its_lease(cluster, under_load, node):
    def halt(_):
        pid = cluster.status()[node]["pid"]
        os.kill(pid, signal.SIGSTOP)
        time.sleep(6)  # the fault itself: longer than any lease
        os.kill(pid, signal.SIGCONT)
    under_load(halt)


@pytest.mark.parametrize("server", BACKING)
def test_what_the_nodes_stand_on_dies_and_comes_back(cluster, under_load, server):
    def die(_):
        cluster.kill(server)
        done = cluster.run("up")
        assert done.returncode == 0, done.stderr
    under_load(die)


def test_redis_forgets_everything(cluster, under_load):
    def flush(_):
        password = (cluster.folder / "cluster/secrets/redis").read_text().strip()
        done = subprocess.run(["redis-cli", "-p", str(cluster.status()["redis"]["port"]), "flushall"], capture_output=True, text=True,
                              env={"PATH": "/usr/bin:/bin", "REDISCLI_AUTH": password}, timeout=10, check=False)
        assert done.stdout.strip() == "OK", done
    under_load(flush)


def test_a_rolling_restart_fails_no_request_that_is_repeated(cluster, under_load):
    def roll(_):
        for node in ("node-1", "node-2", "node-3"):
            cluster.kill(node, signal.SIGTERM)
            eventually(lambda one=node: cluster.status()[one]["state"] == "stopped", f"{node} ends", 30)
            assert cluster.run("up").returncode == 0
    load = under_load(roll, kind=RepeatingLoad)
    assert load.faults == []


def test_a_cancellation_goes_to_another_node_than_its_order(cluster):
    user = User(cluster.url)
    first, second = (f"http://127.0.0.1:{port}" for port in cluster.node_ports[:2])
    for number in range(20):
        sent = Sent(user, old=False, declined=False)
        user.sent.append(sent)
        assert Caller(first, user).place(sent).status_code == 201
        if number % 2:
            eventually(lambda one=sent: Caller(second, user).cancel(one).status_code == 202, "it is cancelled", 20)
    settle(cluster, [user])
