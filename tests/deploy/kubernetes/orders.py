"""Clients that place orders through the Service, each under an Idempotency-Key. Run inside the cluster's network:
orders.py URL SECONDS [CLIENTS]; prints {"accepted", "failed", "lost"} when SIGTERM or the time ends it. A request that fails is counted
and repeated under its key until it is answered (a 409 after one that broke off is the answer: it was stored); lost are those that were not answered within 30 s."""

import http.client
import json
import sys
import threading
import time
import urllib.parse
import uuid


class Client:
    def __init__(self, url, fresh_connections):
        self.address = urllib.parse.urlsplit(url).netloc
        self.fresh = fresh_connections
        self.connection, self.token = None, None
        self.accepted, self.failed, self.lost, self.why = 0, 0, 0, {}

    def call(self, method, path, body, headers=None):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.address, timeout=10)
        headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {self.token}"} if self.token else {}), **(headers or {})}
        try:
            self.connection.request(method, path, json.dumps(body), headers)
            answer = self.connection.getresponse()
            text = answer.read()
            if self.fresh or answer.will_close:
                self.close()
            return answer.status, json.loads(text or b"{}")
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return type(error).__name__, {}

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def sign_in(self):
        user = {"email": f"{uuid.uuid4().hex}@example.com", "password": uuid.uuid4().hex, "firstName": "Snorri", "lastName": "Sturluson"}
        status, answer = self.call("POST", "/auth/register", user)
        assert status == 201, (status, answer)
        self.token = answer["accessToken"]

    def place(self):
        key, until = uuid.uuid4().hex, time.monotonic() + 30
        body = {"items": [{"productId": f"P-{key}", "productName": "p", "quantity": 1, "price": 10}], "shippingAddress": "x", "idempotencyKey": key}
        unheard = False  # a try may have been stored without its answer being heard
        while time.monotonic() < until:
            status, answer = self.call("POST", "/orders", body)
            # This route answers a repeated key with 409: the order stands (its product is nobody else's).
            if status in (200, 201) or (unheard and status == 409 and answer.get("existingOrderId")):
                self.accepted += 1
                return
            unheard = unheard or isinstance(status, str)
            self.failed += 1
            self.why[str(status)] = self.why.get(str(status), 0) + 1
            time.sleep(0.2)
        self.lost += 1


def main(url, seconds, clients=4):
    crowd = [Client(url, fresh_connections=number % 2 == 0) for number in range(clients)]
    for client in crowd:
        client.sign_in()
    print("ready", flush=True)
    until = time.monotonic() + seconds

    def work(client):
        while time.monotonic() < until:
            client.place()
            time.sleep(0.02)

    threads = [threading.Thread(target=work, args=(client,)) for client in crowd]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    why = {}
    for client in crowd:
        for reason, times in client.why.items():
            why[reason] = why.get(reason, 0) + times
    print(json.dumps({name: sum(getattr(client, name) for client in crowd) for name in ("accepted", "failed", "lost")} | {"why": why}))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), *map(int, sys.argv[3:]))
