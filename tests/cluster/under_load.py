"""Clients that go on whatever happens, and everything compared afterwards."""

import collections
import subprocess

import requests

from harness_client import fresh
from harness_server import eventually
from process_ledger import read_ledger
from process_load import Load, Sent, User, check_record, repeat_unanswered

CLIENTS = 4
# What a client may hear while something is wrong: done, or why not.
HEARD = {"place": (201, 409, 429, 502, 503, 504), "cancel": (200, 202, 404, 409, 412, 429, 502, 503, 504),
         "lock": (201, 429, 502, 503, 504)}


class StubbornLoad(Load):
    """Clients that go on when a node breaks off: what they do not know they ask again in the end. They place orders and cancel some,
    each request at whichever node nginx names, and take locks of Redis, which orders need not."""

    def __init__(self, cluster, users, seed):
        self.without_answer = 0
        super().__init__(cluster, users, seed)

    def one(self, caller, draw):
        self.stopping.wait(draw.expovariate(20))
        placed = [sent for sent in caller.user.sent if sent.id and not sent.cancel_sent]
        try:
            if draw.random() < 0.25:
                answer = caller.request("POST", f"/redis-test/lock/{fresh('lock')}?duration=0")
                assert answer.status_code in HEARD["lock"], answer.text
            elif placed and draw.random() < 0.15:
                answer = caller.cancel(draw.choice(placed[-5:]))
                assert answer.status_code in HEARD["cancel"], answer.text
            else:
                self.place(caller, Sent(caller.user, old=draw.random() < 0.3, declined=draw.random() < 0.1))
        except requests.RequestException:
            self.without_answer += 1
            caller.session.close()

    def place(self, caller, sent):
        caller.user.sent.append(sent)
        answer = caller.place(sent)
        assert answer.status_code in HEARD["place"], answer.text
        self.statuses.append(answer.status_code)

    def accepted(self):
        return self.statuses.count(201)

    def go_on(self, orders, deadline_s=90):
        """Until so many more orders were accepted."""
        wanted = self.accepted() + orders

        def accepted():
            assert self.faults == []
            return self.accepted() >= wanted
        try:
            eventually(accepted, f"{orders} more orders are accepted", deadline_s)
        except AssertionError:
            print(collections.Counter(self.statuses), f"{self.without_answer} without an answer")
            raise


class RepeatingLoad(StubbornLoad):
    """Clients that repeat an order under its key until they know, as the answers say: no request of theirs may fail for good."""
    TIMES = 10

    def place(self, caller, sent):
        caller.user.sent.append(sent)
        heard = []
        while sent.id is None:
            assert len(heard) < self.TIMES, f"key {sent.key}: {heard}"
            try:
                answer = caller.place(sent)
            except requests.RequestException as broken:
                heard.append(repr(broken))
                caller.session.close()
                continue
            heard.append(answer.status_code)
            if sent.old and answer.status_code == 409:
                sent.id = answer.json()["existingOrderId"]
            elif answer.status_code != 201:
                assert answer.status_code in (429, 502, 503, 504), answer.text
                self.stopping.wait(float(answer.headers["Retry-After"]))
        self.statuses.append(201)


def run_under_load(cluster, seed, harm, kind=StubbornLoad):
    """harm(load) while clients place orders; when it is over they go on for a while, then everything is compared."""
    users = [User(cluster.url) for _ in range(CLIENTS)]
    load = kind(cluster, users, seed).start()
    try:
        load.go_on(50)
        harm(load)
        load.go_on(50)
    finally:
        load.stopping.set()
    load.join()
    settle(cluster, users)
    return load


def settle(cluster, users):
    """The cluster whole again, and everything compared."""
    cluster.heal()
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
    if cluster.topics:
        cluster.topics.check()


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
