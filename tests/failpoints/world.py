"""One server that is made to die, what its client sent and was answered, and whether store, client and gateway agree in the end."""

import itertools
import shutil
import signal
import socket
import subprocess
import threading

import requests

from harness_client import new_order
from harness_paysim import FOR_EDDA, Paysim
from harness_server import ADMIN, Server, eventually
from process_commands import check_store
from process_ledger import read_ledger

# Below the ports that the system gives to clients, so that the many servers of this part never take one another's.
ports = itertools.count(21000)
ports_lock = threading.Lock()
NO_LATENCY = {"EDDA_PAYMENT_SUCCESS_RATE": "1", "EDDA_PAYMENT_LATENCY_MS_MIN": "0", "EDDA_PAYMENT_LATENCY_MS_MAX": "0"}
TRACKED = ("TRACKED-1", "PAYMENT_FAIL_TRACKED")  # products whose stock is kept
ON_HAND = 3
DEATH_DEADLINE_S = 30
END_DEADLINE_S = 60
SAGA_ENDED = ("completed", "compensated")


def next_port():
    with ports_lock:
        for port in ports:
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", port))
                    return port
                except OSError:
                    continue
    raise AssertionError("no port is free")


def new_people(url):
    """The tokens of a new customer and of the administrator."""
    body = {"email": "ada@example.com", "password": "long enough for anybody", "first_name": "Ada", "last_name": "Lovelace"}
    customer = requests.post(url + "/v1/auth/register", json=body, timeout=60).json()["access_token"]
    return customer, requests.post(url + "/v1/auth/login", json=ADMIN, timeout=60).json()["access_token"]


class NotReached(AssertionError):
    pass


class World:
    """`base`: a data folder that already has users, and their tokens."""

    def __init__(self, binary, folder, base, story):
        self.folder, self.story = folder, story
        self.customer, self.admin = base.customer, base.admin
        folder.mkdir(parents=True)
        shutil.copytree(base.data, folder / "data")
        self.paysim, arguments, port = None, (), next_port()
        if story.paysim:
            webhooks = ("--webhook-url", f"http://127.0.0.1:{port}/v1/webhooks/payments", "--act-then-timeout-rate", "1",
                        "--hold-ms", "2000") if story.by_webhook else ()
            self.paysim = Paysim(binary, folder, "--success-rate", "1", "--latency-min-ms", "0", "--latency-max-ms", "0", *webhooks)
            self.paysim.port = next_port()
            self.paysim.url = f"http://127.0.0.1:{self.paysim.port}"
            arguments = ("--gateway-url", self.paysim.url)
        environment = NO_LATENCY | (FOR_EDDA if story.paysim else {}) | story.environment
        self.server = Server(binary, folder, environment, arguments, port)
        self.plain = dict(self.server.environment)
        self.remembered = {}   # what a client that repeats a request sends again: ids, ETags
        self.acknowledged = {}  # key -> the first answer
        self.seen = {}          # order id -> the highest version that was seen

    # A client that repeats what was not answered, under the same key

    def request(self, method, path, token, **arguments):
        headers = {"Authorization": f"Bearer {token}", "Accept": "*/*"} | arguments.pop("headers", {})
        return requests.request(method, self.server.url + path, headers=headers, timeout=30, **arguments)

    def send(self, key, path, body, token, wanted, headers=None):
        """A command under its key; answered before, the answer must be the same one. None: not now (the second of `wanted`)."""
        answer = self.request("POST", path, token, json=body, headers={"Idempotency-Key": key} | (headers or {}))
        assert answer.status_code in wanted, (key, answer.status_code, answer.text)
        if answer.status_code != wanted[0]:
            assert key not in self.acknowledged, f"{key} was accepted, and is now refused"
            return None
        identity = {name: answer.json()[name] for name in ("id", "saga_id") if name in answer.json()}
        if key in self.acknowledged:
            assert self.acknowledged[key] == identity, (key, self.acknowledged[key], identity)
            assert answer.headers.get("Idempotent-Replayed") == "true", f"{key} was carried out twice"
        self.acknowledged[key] = identity
        return answer.json()

    def place(self):
        body = self.remember("body", lambda: new_order(self.story.product))
        order = self.send("place", "/v1/orders", body, self.customer, (201,))
        self.remembered["order"] = order["id"]
        return order["id"]

    def cancel(self, order_id):
        """Of the version that was read first; where that has moved on and no cancellation was accepted, of the one that is now."""
        def attempt():
            etag = self.remember("etag", lambda: self.request("GET", f"/v1/orders/{order_id}", self.customer).headers["ETag"])
            return self.send("cancel", f"/v1/orders/{order_id}/cancel", {"reason": "changed my mind"}, self.customer, (202, 412),
                             {"If-Match": etag})
        while not attempt():
            del self.remembered["etag"]

    def refund(self, order_id, amount):
        body = {"amount": {"amount": amount, "currency": "USD"}, "reason": "one was broken"}
        return self.send("refund", f"/v1/orders/{order_id}/refunds", body, self.admin, (202,))

    def remember(self, name, make):
        if name not in self.remembered:
            self.remembered[name] = make()
        return self.remembered[name]

    def order(self, order_id):
        answer = self.request("GET", f"/v1/orders/{order_id}", self.customer)
        assert answer.status_code == 200, f"order {order_id} was acknowledged: {answer.status_code} {answer.text}"
        order = answer.json()
        assert order["version"] >= self.seen.get(order_id, 0), "the order went back behind what was seen"
        self.seen[order_id] = order["version"]
        return order

    def wait_for(self, order_id, reached, what):
        return eventually(lambda: (order := self.order(order_id)) and reached(order) and order, f"order {order_id} {what}",
                          END_DEADLINE_S, 0.03)

    def wait_for_status(self, order_id, *statuses):
        return self.wait_for(order_id, lambda order: order["status"] in statuses, f"is {' or '.join(statuses)}")

    def wait_for_sagas(self):
        """All of them; none is left that is not at its end."""
        def ended():
            sagas = self.request("GET", "/v1/sagas?limit=100", self.admin).json()["sagas"]
            assert all(saga["state"] != "parked" for saga in sagas), sagas
            return all(saga["state"] in SAGA_ENDED for saga in sagas)
        eventually(ended, "every saga ends", END_DEADLINE_S, 0.03)

    # Dying

    def start(self, failpoint=None, trace=None):
        """False: it died on the way to being ready."""
        self.server.environment = dict(self.plain)
        if failpoint:
            self.server.environment["EDDA_FAILPOINT"] = failpoint
        if trace:
            self.server.environment["EDDA_FAILPOINT_TRACE"] = str(trace)
        if self.paysim and self.paysim.process is None:
            self.paysim.start()
        try:
            self.server.start()
        except AssertionError:
            if self.server.process.poll() is None or failpoint is None:
                raise
            return False
        return True

    def die_at(self, failpoint, drive):
        """Runs `drive` until the process has killed itself."""
        if self.start(failpoint):
            try:
                drive(self)
            except requests.RequestException:
                pass
            try:
                self.server.process.wait(DEATH_DEADLINE_S)
            except subprocess.TimeoutExpired:
                self.server.kill()
                raise NotReached(f"{failpoint} was not reached") from None
        assert self.server.process.returncode == -signal.SIGKILL, f"{self.server.process.returncode}\n{self.server.log()}"

    def close(self):
        for process in (self.server.process, self.paysim and self.paysim.process):
            if process and process.poll() is None:
                process.kill()
                process.wait()

    # Whether all agree

    def check(self):
        self.wait_for_sagas()
        listed = self.request("GET", "/v1/orders?limit=100", self.customer).json()["orders"]
        wanted = [self.remembered["order"]] if "order" in self.remembered else []
        assert [order["id"] for order in listed] == wanted, "the customer's orders are not those that were asked for"
        kept = 0
        for order_id in wanted:
            order = self.order(order_id)
            assert order["status"] in self.story.ends, order
            assert order["refunded"]["amount"] in self.story.refunded, order
            kept += order["total"]["amount"] - order["refunded"]["amount"] if order["status"] == "paid" else 0
        check_store(self.server)
        self.check_gateway(kept)
        if self.story.product in TRACKED:
            self.check_stock()

    def check_stock(self):
        product = self.request("GET", f"/v1/products/{self.story.product}", self.customer).json()
        assert (product["on_hand"], product["held"]) == (ON_HAND, self.story.held), product

    def check_gateway(self, kept):
        """One effect for each key, and as much money as the orders say."""
        path = self.paysim.ledger if self.paysim else self.folder / "data" / "payments.ledger"
        effects = [entry for entry in read_ledger(path) if entry.outcome == "succeeded"]
        keys = [entry.key for entry in effects]
        assert len(keys) == len(set(keys)), keys
        charges = [entry.minor for entry in effects if entry.kind == "charge"]
        refunds = [entry.minor for entry in effects if entry.kind == "refund"]
        assert len(charges) <= 1, f"charged {len(charges)} times"
        assert sum(charges) - sum(refunds) == kept, f"the orders say {kept}, the gateway says {charges} - {refunds}"


class Base:
    """A data folder with an administrator and a customer, made once and copied for each world."""

    def __init__(self, binary, folder):
        self.data = folder / "data"
        with Server(binary, folder, NO_LATENCY, port=next_port()) as server:
            self.customer, self.admin = new_people(server.url)
            for product in TRACKED:
                body = {"id": product, "name": "The Prose Edda", "on_hand": ON_HAND}
                headers = {"Authorization": f"Bearer {self.admin}", "Idempotency-Key": product}
                assert requests.post(server.url + "/v1/products", json=body, headers=headers, timeout=60).status_code == 201
