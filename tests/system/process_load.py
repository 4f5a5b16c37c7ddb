"""Load of several clients on one server, and the tests' own record of what was sent and what was answered."""

import random
import threading

import requests

from harness_client import fresh, new_order
from harness_server import ADMIN, eventually

PASSWORD = "long enough for anybody"
ENDED = {"paid", "cancelled"}
SAGA_ENDED = {"completed", "compensated"}


class Sent:
    """One order that a client asked for, as far as that client knows."""

    def __init__(self, user, old, declined):
        self.user, self.old, self.declined = user, old, declined
        self.product = fresh("PAYMENT_FAIL" if declined else "BOOK")
        self.key = fresh("key")
        self.id = None
        self.refused = False
        self.cancel_sent = False
        self.cancel_answered = False

    def body(self):
        if self.old:
            return {"items": [{"productId": self.product, "productName": "The Prose Edda", "quantity": 2, "price": 19.99}],
                    "shippingAddress": "1 Saga Street, Reykholt", "idempotencyKey": self.key}
        return new_order(self.product)


class User:
    def __init__(self, url):
        body = {"email": f"{fresh('user')}@example.com", "password": PASSWORD, "first_name": "Ada", "last_name": "Lovelace"}
        answer = requests.post(url + "/v1/auth/register", json=body, timeout=30).json()
        self.id, self.token, self.sent = answer["user"]["id"], answer["access_token"], []


class Caller:
    """One connection of one user."""

    def __init__(self, url, user):
        self.url, self.user, self.session = url, user, requests.Session()
        self.session.headers.update({"Authorization": f"Bearer {user.token}", "Accept": "*/*"})

    def request(self, method, path, **arguments):
        return self.session.request(method, self.url + path, timeout=30, **arguments)

    def place(self, sent):
        """Sends the order, the first time or again under its key. The answer; a 2xx is noted."""
        if sent.old:
            answer = self.request("POST", "/orders", json=sent.body())
        else:
            answer = self.request("POST", "/v1/orders", json=sent.body(), headers={"Idempotency-Key": sent.key})
        if answer.status_code == 201:
            assert sent.id in (None, answer.json()["id"]), f"key {sent.key}: first {sent.id}, now {answer.json()['id']}"
            sent.id = answer.json()["id"]
        return answer

    def cancel(self, sent):
        if sent.old:
            sent.cancel_sent = True
            answer = self.request("DELETE", f"/orders/{sent.id}", json={"reason": "changed my mind"})
        else:
            shown = self.request("GET", f"/v1/orders/{sent.id}")
            if shown.status_code != 200:
                return shown
            etag, sent.cancel_sent = shown.headers["ETag"], True
            answer = self.request("POST", f"/v1/orders/{sent.id}/cancel", json={"reason": "changed my mind"},
                                  headers={"If-Match": etag, "Idempotency-Key": fresh("cancel")})
        sent.cancel_answered |= answer.status_code in (200, 202)
        return answer


class Load:
    """Clients that place orders on both faces, and cancel some, until they are stopped or the server goes away."""

    def __init__(self, server, users, seed):
        self.stopping = threading.Event()
        self.statuses, self.faults, self.lost = [], [], []
        self.threads = [threading.Thread(target=self.run, args=(server.url, user, random.Random(f"{seed}/{number}")))
                        for number, user in enumerate(users)]

    def start(self):
        for thread in self.threads:
            thread.start()
        return self

    def run(self, url, user, draw):
        try:
            caller = Caller(url, user)
            while not self.stopping.is_set():
                self.one(caller, draw)
        except requests.RequestException as gone:
            self.lost.append(gone)
        except Exception as fault:  # pylint: disable=broad-except
            self.faults.append(repr(fault))

    def one(self, caller, draw):
        placed = [sent for sent in caller.user.sent if sent.id and not sent.cancel_sent]
        if placed and draw.random() < 0.2:
            answer = caller.cancel(draw.choice(placed[-5:]))
            assert answer.status_code in (200, 202, 409, 412, 503), answer.text
        else:
            sent = Sent(caller.user, old=draw.random() < 0.4, declined=draw.random() < 0.1)
            caller.user.sent.append(sent)
            answer = caller.place(sent)
            assert answer.status_code in (201, 429, 503), answer.text
            sent.refused = answer.status_code == 429  # a 503 may also say that nobody knows: it is asked again
        self.statuses.append(answer.status_code)

    def join(self, deadline_s=60):
        for thread in self.threads:
            thread.join(deadline_s)
            assert not thread.is_alive(), "a client still waits for an answer"
        assert self.faults == []


def repeat_unanswered(url, users):
    """What a client does after a crash: the same request under the same key, until it knows. Gives how many."""
    repeated = 0
    for user in users:
        caller = Caller(url, user)
        for sent in user.sent:
            if sent.id or sent.refused:
                continue
            answer = caller.place(sent)
            if sent.old and answer.status_code == 409:
                sent.id = answer.json()["existingOrderId"]
            assert sent.id, answer.text
            repeated += 1
            again = caller.place(sent)
            if sent.old:
                assert (again.status_code, again.json()["existingOrderId"]) == (409, sent.id)
            else:
                assert again.headers["Idempotent-Replayed"] == "true"
    return repeated


def orders_of(url, user):
    caller, found, query = Caller(url, user), [], {"limit": 100}
    while True:
        page = caller.request("GET", "/v1/orders", params=query).json()
        found += page["orders"]
        if not page["has_more"]:
            return found
        query["cursor"] = page["next_cursor"]


def tell_stories(url, users):
    """What the log says of the orders that do not end."""
    for user in users:
        for order in orders_of(url, user):
            if order["status"] not in ENDED:
                print(order)
                for event in Caller(url, user).request("GET", f"/v1/orders/{order['id']}/events").json()["events"]:
                    print("   ", event)


def wait_for_ends(url, users, deadline_s=90):
    """Every order of the users at its end, every saga too; the orders by id."""
    def ended():
        orders = [order for user in users for order in orders_of(url, user)]
        return orders if all(order["status"] in ENDED for order in orders) else None
    try:
        orders = eventually(ended, "every order ends", deadline_s, 0.25)
    except AssertionError:
        tell_stories(url, users)
        raise
    administrator = administrators(url)

    def sagas_ended():
        # A refund that nobody waits for may end after its order.
        sagas = administrator.get_sagas()
        assert all(saga["state"] != "parked" for saga in sagas), sagas
        return all(saga["state"] in SAGA_ENDED for saga in sagas)
    eventually(sagas_ended, "every saga ends", deadline_s, 0.25)
    return {order["id"]: order for order in orders}


def check_record(url, users, refusals=False):
    """Every order that was answered stands, none stands that nobody asked for, and each ended as it had to. `refusals`: the gateway
    refuses sends, and may by chance refuse all that one order has; then it is cancelled, and the ledger must know of no charge."""
    orders = wait_for_ends(url, users)
    gave_up = 0
    for user in users:
        sent = {entry.id: entry for entry in user.sent if entry.id}
        assert len(sent) == len([entry for entry in user.sent if entry.id]), "two keys gave one order"
        stored = {order["id"] for order in orders_of(url, user)}
        assert stored == set(sent), f"missing {set(sent) - stored}, nobody asked for {stored - set(sent)}"
        for order_id, entry in sent.items():
            status = orders[order_id]["status"]
            if entry.declined or entry.cancel_answered:
                assert status == "cancelled", (order_id, status)
            elif refusals and status == "cancelled":
                gave_up += 1
            elif not entry.cancel_sent:
                assert status == "paid", (order_id, status)
    assert gave_up <= 1 + len(orders) // 200, f"{gave_up} of {len(orders)} orders were given up"
    return orders


class administrators:
    """What an administrator sees."""

    def __init__(self, url):
        self.url = url
        token = requests.post(url + "/v1/auth/login", json=ADMIN, timeout=30).json()["access_token"]
        self.headers = {"Authorization": f"Bearer {token}"}

    def get_sagas(self):
        found, query = [], {"limit": 100}
        while True:
            page = requests.get(self.url + "/v1/sagas", params=query, headers=self.headers, timeout=30).json()
            found += page["sagas"]
            if not page["has_more"]:
                return found
            query["cursor"] = page["next_cursor"]
