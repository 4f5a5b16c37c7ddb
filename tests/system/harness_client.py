"""A client that believes no answer which the OpenAPI document does not allow."""

import itertools
import json
import time
import uuid

import requests

from harness_server import eventually

numbers = itertools.count(1)


def fresh(prefix):
    """A name that no other test and no earlier run has used."""
    return f"{prefix}-{uuid.uuid4().hex[:12]}-{next(numbers)}"


class Client:
    """Requests to one server, as one user or as nobody. `expect` is the status that the answer must have."""

    def __init__(self, server, document, token=None, user=None):
        self.server, self.document, self.token, self.user = server, document, token, user
        self.session = requests.Session()

    def call(self, method, path, expect=None, headers=None, **arguments):
        headers = {"Accept": "*/*"} | (headers or {})
        if self.token and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {self.token}"
        arguments.setdefault("timeout", 30)
        response = self.session.request(method, self.server.url + path, headers=headers, allow_redirects=False, **arguments)
        if not arguments.get("stream"):
            self.document.check(method, path.split("?")[0], response)
        if expect is not None:
            assert response.status_code == expect, (
                f"{method} {path} -> {response.status_code}, not {expect}: {response.text[:600]}")
        return response

    def get(self, path, expect=200, **arguments):
        return self.call("GET", path, expect, **arguments)

    def post(self, path, body=None, expect=201, **arguments):
        return self.call("POST", path, expect, json=body, **arguments) if body is not None else self.call(
            "POST", path, expect, **arguments)

    def put(self, path, body=None, expect=200, **arguments):
        return self.call("PUT", path, expect, json=body, **arguments)

    def patch(self, path, body=None, expect=200, **arguments):
        return self.call("PATCH", path, expect, json=body, **arguments)

    def delete(self, path, body=None, expect=200, **arguments):
        return self.call("DELETE", path, expect, json=body, **arguments)

    def as_nobody(self):
        return Client(self.server, self.document)

    def log_in(self, email, password):
        answer = self.as_nobody().post("/v1/auth/login", {"email": email, "password": password}, 200).json()
        return Client(self.server, self.document, answer["access_token"], answer["user"])

    def register(self, **fields):
        """A new customer, signed in. Its password is kept in `password`."""
        body = {"email": f"{fresh('user')}@example.com", "password": "long enough for anybody", "first_name": "Ada",
                "last_name": "Lovelace"} | fields
        answer = self.as_nobody().post("/v1/auth/register", body).json()
        client = Client(self.server, self.document, answer["access_token"], answer["user"])
        client.password, client.refresh_token = body["password"], answer["refresh_token"]
        return client

    # Orders on the old routes

    def place_old(self, product=None, expect=201, **fields):
        product = fresh("BOOK") if product is None else product
        body = {"items": [{"productId": product, "productName": "The Prose Edda", "quantity": 2, "price": 19.99}],
                "shippingAddress": "1 Saga Street, Reykholt"} | fields
        return self.post("/orders", body, expect).json()

    # Orders under /v1

    def place(self, product=None, key=None, expect=201, amount=1999, quantity=2):
        response = self.post("/v1/orders", new_order(product, amount, quantity), expect,
                             headers={"Idempotency-Key": key or fresh("key")})
        return response.json()

    def order(self, order_id):
        return self.get(f"/v1/orders/{order_id}").json()

    def wait_for_order(self, order_id, *statuses):
        return eventually(lambda: (order := self.order(order_id))["status"] in statuses and order,
                          f"order {order_id} is {' or '.join(statuses)}")

    def wait_for_saga(self, saga_id, *states):
        return eventually(lambda: (saga := self.get(f"/v1/sagas/{saga_id}").json())["state"] in states and saga,
                          f"saga {saga_id} is {' or '.join(states)}")

    def place_paid(self):
        return self.wait_for_order(self.place()["id"], "paid")

    def etag(self, order_id):
        return self.get(f"/v1/orders/{order_id}").headers["ETag"]

    def cancel(self, order_id, expect=202, reason="changed my mind"):
        """With the version as it is now, read again where it moved on meanwhile."""
        def attempt():
            response = self.call("POST", f"/v1/orders/{order_id}/cancel", json={"reason": reason},
                                 headers={"If-Match": self.etag(order_id)})
            return None if response.status_code == 412 else response
        response = eventually(attempt, f"order {order_id} stands still")
        assert response.status_code == expect, response.text
        return response.json()

    # Server-sent events

    def stream(self, path, headers=None, until=lambda event: False, deadline_s=20):
        """The events of a stream as {id, event, data}, up to the first that satisfies `until`."""
        events, end = [], time.monotonic() + deadline_s
        with self.call("GET", path, 200, headers=headers, stream=True, timeout=deadline_s) as response:
            assert response.headers["Content-Type"].split(";")[0] == "text/event-stream"
            fields = {}
            for line in response.iter_lines(chunk_size=1, decode_unicode=True):
                assert time.monotonic() < end, f"only {events} within {deadline_s} s"
                if line == "" and fields:
                    event = fields | {"data": json.loads(fields["data"])}
                    events.append(event)
                    if until(event):
                        return events
                    fields = {}
                elif line and not line.startswith(":"):
                    name, _, value = line.partition(":")
                    fields[name] = value.removeprefix(" ")
        return events


def new_order(product=None, amount=1999, quantity=2, currency="USD"):
    return {"items": [{"product_id": product or fresh("BOOK"), "product_name": "The Prose Edda", "quantity": quantity,
                       "price": {"amount": amount, "currency": currency}}],
            "shipping_address": "1 Saga Street, Reykholt"}
