"""Faults that are really made, and what reaches people: Edda, Prometheus and Alertmanager, with the rules in a hurry. Those of three
nodes are in tests/cluster, the rest is told by promtool (observability/alerts.yml)."""

import concurrent.futures
import hashlib
import hmac
import json
import os
import resource
import time

import pytest
import requests

from harness_client import Client, fresh, new_order
from harness_document import Document
from harness_paysim import FOR_EDDA, WEBHOOK_SECRET, Paysim
from harness_prometheus import Alertmanager, Prometheus
from harness_redis import Redis
from harness_server import ADMIN, Server, eventually, free_port
from process_commands import run

BREAKER = {"EDDA_GATEWAY_BREAKER_FAILURES": "2", "EDDA_GATEWAY_BREAKER_PAUSE_MS": "100", "EDDA_GATEWAY_BREAKER_PAUSE_MAX_MS": "500"}
# Of a node on which next to nothing may wait.
NARROW = {"EDDA_LANES_QUEUE_MAX": "1", "EDDA_AUTH_HASHING_QUEUE_MAX": "1", "EDDA_AUTH_LOGINS_PER_ACCOUNT": "100000",
          "EDDA_AUTH_LOGINS_PER_ADDRESS": "100000"}
ALWAYS = ["EddaKafkaUnreachable"]


class Watched:
    """A node with a gateway and a Redis, and a narrow one with nothing; Prometheus that scrapes both, Alertmanager that hears of it."""

    def __init__(self, binary, folder):
        self.folder = folder
        self.paysim = Paysim(binary, folder, "--success-rate", "1").start()
        self.redis = Redis(folder).start()
        environment = FOR_EDDA | BREAKER | self.redis.for_edda() | {"KAFKA_BROKER": "127.0.0.1:1"}
        # The same port after every start: Prometheus knows a node by it.
        self.server = Server(binary, folder / "node", environment, ("--gateway-url", self.paysim.url), free_port()).start()
        self.narrow = Server(binary, folder / "narrow", NARROW, (), free_port()).start()

    def servers(self):
        return self.server, self.narrow

    def customer(self, server=None):
        document = Document(requests.get(self.server.url + "/openapi.json", timeout=10).json())
        return Client(server or self.server, document).register()

    def edda(self, server, *arguments):
        done = run(server.binary, *arguments, "--data", server.folder / "data", "--json", environment=server.environment)
        assert done.returncode == 0, done.stdout + done.stderr

    def end(self):
        for server in self.servers():
            if server.process.poll() is None:
                server.stop()
        self.redis.kill()
        if self.paysim.process.poll() is None:
            self.paysim.kill()


@pytest.fixture(scope="module")
def watched(binary, tmp_path_factory):
    started = Watched(binary, tmp_path_factory.mktemp("watched"))
    yield started
    started.end()


@pytest.fixture(scope="module")
def people(watched):
    """The Alertmanager, which nothing has been told yet but that Kafka is away."""
    with Alertmanager(watched.folder) as alertmanager, \
            Prometheus(watched.folder, [f"127.0.0.1:{server.port}" for server in watched.servers()], alertmanager.address, hurry=True):
        eventually(lambda: alertmanager.alerts() == {"EddaKafkaUnreachable": ["ticket"], "EddaBackupOld": ["ticket"]},
                   "of Kafka, of stores without a copy, and of nothing else", 30)
        for server in watched.servers():
            watched.edda(server, "backup")
        is_over(alertmanager)
        yield alertmanager


def is_over(people):
    eventually(lambda: list(people.alerts()) == ALWAYS, "it is over", 60)


def at_once(call, times=8):
    with concurrent.futures.ThreadPoolExecutor(times) as pool:
        return list(pool.map(lambda _: call(), range(times)))


def test_the_gateway_is_away_and_comes_back(watched, people):
    watched.paysim.kill()
    customer = watched.customer()
    orders = [customer.place()["id"] for _ in range(4)]
    eventually(lambda: people.alerts().get("EddaGatewayBreakerOpen") == ["page"], "somebody is called", 30)
    eventually(lambda: "EddaStepWaitsLong" in people.alerts(inhibited="true", active="false"), "what follows from it is known ...", 30)
    assert "EddaStepWaitsLong" not in people.alerts(), "... and disturbs nobody"
    watched.paysim.start()
    for order in orders:
        customer.wait_for_order(order, "paid", "cancelled")
    is_over(people)


def test_redis_is_away_and_comes_back(watched, people):
    watched.redis.kill()
    eventually(lambda: people.alerts().get("EddaRedisFailingOpen") == ["ticket"], "somebody will look at it", 30)
    watched.redis.start()
    is_over(people)


def test_a_refund_is_parked_and_an_operator_ends_it(watched, people):
    """The gateway has lost its books: it knows nothing of the charge that is to be given back."""
    customer = watched.customer()
    order = customer.place_paid()
    watched.paysim.kill()
    books = watched.paysim.ledger.rename(watched.folder / "books")
    watched.paysim.start()
    customer.cancel(order["id"])
    eventually(lambda: people.alerts().get("EddaSagasParked") == ["ticket"], "somebody will look at it", 60)
    watched.paysim.kill()
    books.rename(watched.paysim.ledger)
    watched.paysim.start()
    watched.edda(watched.server, "batch", "start", "retry", "--state", "parked", "--reason", "the books are back", "--expected-count", "1")
    is_over(people)


def test_the_gateway_tells_of_another_charge(watched, people):
    order = watched.customer().place_paid()

    def tell():
        body = json.dumps({"id": fresh("evt"), "type": "charge.succeeded", "created_at": "2026-11-22T19:00:00.000Z", "status": "succeeded",
                           "key": f"{order['saga_id']}/payment_processing/forward", "reference": "another", "amount": order["total"]})
        at = int(time.time())
        signature = hmac.new(WEBHOOK_SECRET.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
        answer = requests.post(watched.server.url + "/v1/webhooks/payments", data=body, timeout=10,
                               headers={"Content-Type": "application/json", "Edda-Signature": f"t={at},v1={signature}"})
        assert answer.status_code == 202, answer.text
        return people.alerts().get("EddaGatewayBooksDiffer") == ["page"]
    eventually(tell, "somebody is called", 30)
    is_over(people)


def test_more_comes_in_than_may_wait(watched, people):
    customer = watched.customer(watched.narrow)

    def order():
        answer = requests.post(watched.narrow.url + "/v1/orders", json=new_order(fresh("BOOK")), timeout=30,
                               headers={"Authorization": f"Bearer {customer.token}", "Idempotency-Key": fresh("key")})
        assert answer.status_code in (201, 429, 503), answer.text

    def sign_in():
        answer = requests.post(watched.narrow.url + "/v1/auth/login", json=ADMIN, timeout=30)
        assert answer.status_code in (200, 429, 503), answer.text

    def flood():
        at_once(order)
        at_once(sign_in)
        return {"EddaLaneOverloaded": ["page"], "EddaSignInsRefused": ["ticket"]}.items() <= people.alerts().items()
    eventually(flood, "both are told of", 60)
    is_over(people)


def test_file_descriptors_run_out(watched, people):
    pid = watched.narrow.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (len(os.listdir(f"/proc/{pid}/fd")) * 115 // 100, before[1]))
    eventually(lambda: people.alerts().get("EddaFilesRunningOut") == ["ticket"], "somebody will look at it", 30)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
    is_over(people)


def test_nodes_die_and_start_again(watched, people):
    watched.narrow.kill()
    eventually(lambda: people.alerts().get("EddaNodeDown") == ["page"], "somebody is called", 30)
    watched.server.kill()
    eventually(lambda: people.alerts().get("EddaNoNode") == ["page"], "there is none left ...", 30)
    eventually(lambda: "EddaNodeDown" not in people.alerts(), "... and that is all that matters", 30)
    assert "EddaNodeDown" in people.alerts(inhibited="true", active="false")
    for server in watched.servers():
        server.start()
    is_over(people)
