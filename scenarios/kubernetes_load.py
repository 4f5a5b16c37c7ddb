"""What the nodes are given to do while something is done to them: clients that place orders, and people who sign in."""

import random
import threading
import time
import uuid

from scenario import Api

CLIENTS = 4
ANSWERED_WITHIN_S = 180


class Crowd:
    """Threads that call `work` again and again until they are stopped, each with a client of its own."""

    def __init__(self, url, token, size):
        self.stopping, self.lock = threading.Event(), threading.Lock()
        self.threads = [threading.Thread(target=self.go_on, args=(Api(url, token),)) for _ in range(size)]
        for thread in self.threads:
            thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def go_on(self, api):
        while not self.stopping.wait(self.pause_s):
            self.work(api)


class Orders(Crowd):
    """Clients that place orders and repeat under its key what was not answered with a decision. Each try is over a connection of its own: a Service spreads
    connections, not requests, and a few that are kept may all be to some of the nodes."""

    def __init__(self, url, token, pause_s):
        self.pause_s = pause_s
        self.ids, self.repeated, self.refused, self.slowest = {}, 0, [], 0.0
        super().__init__(url, token, CLIENTS)

    def work(self, api):
        key, began = uuid.uuid4().hex, time.monotonic()
        body = {"items": [{"productId": f"CHAOS-{key}", "productName": "The Prose Edda", "quantity": 1, "price": 10}],
                "shippingAddress": "1 Saga Street, Reykholt", "idempotencyKey": key}
        unheard = False  # a try may have been stored without its answer being heard
        while True:
            answer = api.post("/orders", body)
            api.leave()
            order = answer.json().get("id") if answer.status == 201 else None
            if unheard and answer.status == 409:  # this route's answer to a repeated key: it names the order that stands
                order = answer.json().get("existingOrderId")
            unheard = unheard or answer.status != 429  # 503, too: the store may be lost between a commit and its answer
            with self.lock:
                if order:
                    self.ids[order] = key
                    self.slowest = max(self.slowest, time.monotonic() - began)
                    return
                if answer.status not in (0, 429, 500, 502, 503, 504):
                    self.refused.append(f"{answer.status} {answer.text[:100]}")
                    return
                self.repeated += 1
            if time.monotonic() - began > ANSWERED_WITHIN_S:
                with self.lock:
                    self.refused.append(f"not answered within {ANSWERED_WITHIN_S} s")
                return
            time.sleep(0.2)


class SignIns(Crowd):
    """People who mistype their names: each try costs a node a password's hash, the dearest request there is, and stores nothing.

    A node hashes one password at a time, which takes a core: a few people a node keep it busy. Each try is over a connection of its own, so that every node
    gets its share, and from another address, since the tries of one are limited; a node believes so where it believes the X-Forwarded-For of who calls it.
    """

    pause_s = 0
    of_each_node = 4

    def __init__(self, url, nodes):
        self.hashed = self.put_off = 0
        super().__init__(url, None, self.of_each_node * nodes)

    def work(self, api):
        address = f"198.18.{random.randrange(256)}.{random.randrange(256)}"  # for load tests: RFC 2544
        answer = api.call("POST", "/auth/login", {"email": f"{uuid.uuid4().hex}@example.com", "password": uuid.uuid4().hex}, {"X-Forwarded-For": address})
        api.leave()
        with self.lock:
            self.hashed += answer.status == 401
            self.put_off += answer.status != 401
        if answer.status != 401:
            self.stopping.wait(0.2)
