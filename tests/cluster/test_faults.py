"""What dies, hangs or forgets, under load through nginx: what clients were told stands, nobody is charged twice, every order ends."""

import collections
import os
import random
import signal
import subprocess
import time

import pytest
import requests

from backing import BACKING
from harness_server import eventually
from process_ledger import read_ledger
from process_load import Caller, Load, Sent, User, check_record, repeat_unanswered

CLIENTS = 4


class StubbornLoad(Load):
    """Clients that go on when a node breaks off: what they do not know they ask again in the end."""

    def __init__(self, cluster, users, seed):
        self.without_answer = 0
        super().__init__(cluster, users, seed)

    def one(self, caller, draw):
        self.stopping.wait(draw.expovariate(20))
        sent = Sent(caller.user, old=draw.random() < 0.3, declined=draw.random() < 0.1)
        caller.user.sent.append(sent)
        try:
            answer = caller.place(sent)
        except requests.RequestException:
            self.without_answer += 1
            caller.session.close()
            return
        assert answer.status_code in (201, 409, 429, 502, 503, 504), answer.text
        self.statuses.append(answer.status_code)


def settle(cluster, users):
    """The cluster whole again, and everything compared."""
    done = cluster.run("up")
    assert done.returncode == 0, done.stderr

    def known():
        try:
            repeat_unanswered(cluster.url, users)
            return True
        except (AssertionError, requests.RequestException):
            return False
    eventually(known, "every request has an answer", 60, 1)
    repeat_unanswered(cluster.url, users)
    orders = check_record(cluster.url, users)
    verify = subprocess.run([cluster.environment["EDDA_BIN"], "verify", "--data", str(cluster.folder / "cluster/node-1/data")],
                            env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=120, check=False)
    assert verify.returncode == 0, verify.stdout + verify.stderr
    check_money(read_ledger(cluster.folder / "cluster/paysim/paysim.ledger"), orders)


def check_money(entries, orders):
    """No key twice, and of each of these orders what its status says. (Orders of other tests are in the ledger too.)"""
    keys = [entry.key for entry in entries]
    assert len(keys) == len(set(keys)), "a key took effect twice"
    charges, refunded = collections.defaultdict(list), collections.Counter()
    for entry in entries:
        if (entry.kind, entry.outcome) == ("charge", "succeeded"):
            charges[entry.key.split("/")[0]].append(entry)
        if (entry.kind, entry.outcome) == ("refund", "succeeded"):
            refunded[entry.charge] += entry.minor
    for order in orders.values():
        of_order = charges[order["saga_id"]]
        kept = sum(charge.minor - refunded[charge.id] for charge in of_order)
        wanted = order["total"]["amount"] if order["status"] == "paid" else 0
        assert len(of_order) <= 1 and kept == wanted, f"order {order['id']} is {order['status']}: charged {len(of_order)} times, {kept} kept"


@pytest.fixture
def under_load(cluster):
    """under_load(harm): does the harm while clients place orders, lets them go on for some seconds, then compares everything."""
    seed = int(os.environ.get("EDDA_SEED", random.SystemRandom().randrange(10**9)))
    print(f"EDDA_SEED={seed}")

    def run(harm):
        users = [User(cluster.url) for _ in range(CLIENTS)]
        load = StubbornLoad(cluster, users, seed).start()
        try:
            eventually(lambda: load.statuses.count(201) >= 50, "orders are placed", 60)
            harm()
            placed = load.statuses.count(201)
            eventually(lambda: load.statuses.count(201) >= placed + 50, "orders are placed again", 90)
        finally:
            load.stopping.set()
        load.join()
        settle(cluster, users)
        return load

    return run


@pytest.mark.parametrize("node", ["node-1", "node-2", "node-3"])
def test_a_killed_node(cluster, under_load, node):
    under_load(lambda: cluster.kill(node))


@pytest.mark.parametrize("node", ["node-1", "node-2", "node-3"])
def test_a_node_that_sleeps_beyond_its_lease(cluster, under_load, node):
    def halt():
        pid = cluster.status()[node]["pid"]
        os.kill(pid, signal.SIGSTOP)
        time.sleep(6)  # the fault itself: longer than any lease
        os.kill(pid, signal.SIGCONT)
    under_load(halt)


@pytest.mark.parametrize("server", BACKING)
def test_what_the_nodes_stand_on_dies_and_comes_back(cluster, under_load, server):
    def die():
        cluster.kill(server)
        done = cluster.run("up")
        assert done.returncode == 0, done.stderr
    under_load(die)


def test_redis_forgets_everything(cluster, under_load):
    def flush():
        password = (cluster.folder / "cluster/secrets/redis").read_text().strip()
        done = subprocess.run(["redis-cli", "-p", str(cluster.status()["redis"]["port"]), "flushall"], capture_output=True, text=True,
                              env={"PATH": "/usr/bin:/bin", "REDISCLI_AUTH": password}, timeout=10, check=False)
        assert done.stdout.strip() == "OK", done
    under_load(flush)


def test_a_rolling_restart_fails_no_request_that_is_repeated(cluster, under_load):
    def roll():
        for node in ("node-1", "node-2", "node-3"):
            cluster.kill(node, signal.SIGTERM)
            eventually(lambda one=node: cluster.status()[one]["state"] == "stopped", f"{node} ends", 30)
            assert cluster.run("up").returncode == 0
    load = under_load(roll)
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
