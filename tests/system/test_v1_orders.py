"""Orders under /v1: idempotency, versions, cancelling, refunds, shipping, lists."""

import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness_client import fresh, new_order
from harness_server import eventually


def keyed(key):
    return {"Idempotency-Key": key}


def problem(response, status, code=None):
    body = response.json()
    assert response.headers["Content-Type"].startswith("application/problem+json")
    assert body["status"] == status, body
    assert code is None or body["code"] == code, body
    return body


# Placing

def test_place(customer):
    sent = new_order(amount=1999, quantity=2)
    response = customer.post("/v1/orders", sent, headers=keyed(fresh("key")))
    order = response.json()
    assert response.headers["Location"].endswith(f"/v1/orders/{order['id']}")
    assert response.headers["ETag"] == f'"{order["version"]}"'
    assert "Idempotent-Replayed" not in response.headers
    assert (order["status"], order["user_id"]) == ("pending", customer.user["id"])
    assert order["total"] == {"amount": 3998, "currency": "USD"}
    assert order["refunded"] == {"amount": 0, "currency": "USD"}
    assert (order["items"], order["shipping_address"]) == (sent["items"], sent["shipping_address"])
    paid = customer.wait_for_order(order["id"], "paid")
    assert paid["version"] > order["version"]


def test_another_currency(customer):
    response = customer.post("/v1/orders", new_order(amount=12000, quantity=1, currency="KRW"), headers=keyed(fresh("key")))
    assert response.json()["total"] == {"amount": 12000, "currency": "KRW"}


def test_the_same_products_may_be_ordered_again(customer):
    product = fresh("BOOK")
    assert customer.place(product)["id"] != customer.place(product)["id"]


def test_a_declined_order_is_cancelled(customer):
    order = customer.wait_for_order(customer.place(fresh("PAYMENT_FAIL"))["id"], "cancelled")
    payment = customer.get(f"/v1/payments/{order['payment_id']}").json()
    assert (payment["status"], payment["failure_reason"]) == ("failed", "Insufficient funds or card declined")
    saga = customer.wait_for_saga(order["saga_id"], "compensated")
    assert saga["order_id"] == order["id"]


# Idempotency

def test_the_same_key_and_body_replay(customer):
    key, sent = fresh("key"), new_order()
    first = customer.post("/v1/orders", sent, headers=keyed(key))
    customer.wait_for_order(first.json()["id"], "paid")
    again = customer.post("/v1/orders", sent, headers=keyed(key))
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.json(), again.headers["ETag"]) == (first.json(), first.headers["ETag"])


def test_the_same_key_with_another_body(customer):
    key = fresh("key")
    customer.post("/v1/orders", new_order(), headers=keyed(key))
    problem(customer.post("/v1/orders", new_order(), 422, headers=keyed(key)), 422, "idempotency_key_reused")


def test_a_key_belongs_to_its_user(customer, stranger):
    key, sent = fresh("key"), new_order()
    mine = customer.post("/v1/orders", sent, headers=keyed(key)).json()
    other = stranger.post("/v1/orders", sent, headers=keyed(key))
    assert "Idempotent-Replayed" not in other.headers and other.json()["id"] != mine["id"]


def test_a_key_is_needed(customer):
    problem(customer.post("/v1/orders", new_order(), 400), 400, "idempotency_key_required")
    problem(customer.post("/v1/orders", new_order(), 400, headers=keyed("x" * 256)), 400)
    customer.post("/v1/orders", new_order(), 201, headers=keyed(fresh("x").ljust(255, "x")))


def test_a_rejection_is_not_stored(customer):
    key = fresh("key")
    customer.post("/v1/orders", {"items": []}, 400, headers=keyed(key))
    customer.post("/v1/orders", new_order(), 201, headers=keyed(key))


def test_ten_at_once_make_one_order(customer):
    key, sent = fresh("key"), new_order()
    headers = keyed(key) | {"Authorization": f"Bearer {customer.token}"}
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: customer.as_nobody().post("/v1/orders", sent, headers=headers), range(10)))
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert len(customer.get("/v1/orders").json()["orders"]) == 1


# What is refused

@pytest.mark.parametrize(("change", "pointer"), [
    (lambda order: order.pop("items"), "/items"),
    (lambda order: order.update(items=[]), "/items"),
    (lambda order: order.update(status="paid"), "/status"),
    (lambda order: order["items"][0].update(quantity="2"), "/items/0/quantity"),
    (lambda order: order["items"][0].update(quantity=1.5), "/items/0/quantity"),
    (lambda order: order["items"][0].pop("price"), "/items/0/price"),
    (lambda order: order["items"][0]["price"].update(amount=19.99), "/items/0/price/amount"),
    (lambda order: order["items"][0]["price"].update(currency="usd"), "/items/0/price/currency"),
    (lambda order: order.update(shipping_address=""), "/shipping_address"),
])
def test_a_malformed_order(customer, change, pointer):
    sent = new_order()
    change(sent)
    body = problem(customer.post("/v1/orders", sent, 400, headers=keyed(fresh("key"))), 400)
    assert pointer in [error["pointer"] for error in body["errors"]]


@pytest.mark.parametrize("change", [
    lambda order: order["items"][0].update(quantity=0),
    lambda order: order["items"][0].update(quantity=-1),
    lambda order: order["items"][0].update(quantity=2_000_000),
    lambda order: order["items"][0]["price"].update(amount=-1),
    lambda order: order["items"][0].update(quantity=1_000_000, price={"amount": 10**15, "currency": "USD"}),
    lambda order: order["items"].append(new_order(currency="EUR")["items"][0]),
])
def test_an_order_that_cannot_be_meant(customer, change):
    sent = new_order()
    change(sent)
    problem(customer.post("/v1/orders", sent, 422, headers=keyed(fresh("key"))), 422)


@pytest.mark.parametrize("amount", ["1e400", "NaN", "9007199254740993", "18446744073709551616", "1.005"])
def test_an_amount_that_is_no_integer_in_range(customer, amount):
    text = ('{"items":[{"product_id":"p","product_name":"n","quantity":1,"price":{"amount":%s,"currency":"USD"}}],'
            '"shipping_address":"x"}' % amount)
    response = customer.call("POST", "/v1/orders", data=text,
                             headers=keyed(fresh("key")) | {"Content-Type": "application/json"})
    assert response.status_code in (400, 422), response.text


def test_media_types(customer):
    headers = keyed(fresh("key"))
    problem(customer.call("POST", "/v1/orders", 415, data="<order/>", headers=headers | {"Content-Type": "text/xml"}), 415)
    problem(customer.call("GET", "/v1/orders", 406, headers={"Accept": "image/png"}), 406)
    response = customer.call("PUT", "/v1/orders", 405, json={})
    assert "POST" in response.headers["Allow"]
    problem(customer.get("/v1/nothing", 404), 404, "not_found")


# Versions

def test_not_modified(customer):
    order_id = customer.place_paid()["id"]
    etag = customer.etag(order_id)
    response = customer.get(f"/v1/orders/{order_id}", 304, headers={"If-None-Match": etag})
    assert (response.headers["ETag"], response.content) == (etag, b"")
    customer.get(f"/v1/orders/{order_id}", 304, headers={"If-None-Match": f'"0", W/{etag}'})
    customer.get(f"/v1/orders/{order_id}", 200, headers={"If-None-Match": '"0"'})


def test_cancel_needs_the_version_that_was_read(customer):
    order = customer.place_paid()
    path = f"/v1/orders/{order['id']}/cancel"
    problem(customer.post(path, {"reason": "x"}, 428), 428)
    problem(customer.post(path, {"reason": "x"}, 412, headers={"If-Match": '"1"'}), 412)
    problem(customer.post(path, {"reason": "x"}, 412, headers={"If-Match": f'W/"{order["version"]}"'}), 412)
    problem(customer.post(path, {"reason": "x"}, 400, headers={"If-Match": "seven"}), 400)
    assert customer.order(order["id"])["status"] == "paid"
    customer.post(path, {"reason": "x"}, 202, headers={"If-Match": f'"{order["version"]}"'})


# Cancelling

def test_cancel_gives_the_money_back(customer):
    order = customer.place_paid()
    assert customer.cancel(order["id"])["status"] in ("cancelling", "cancelled")
    cancelled = customer.wait_for_order(order["id"], "cancelled")
    assert cancelled["refunded"] == cancelled["total"]
    payment = customer.get(f"/v1/payments/{order['payment_id']}").json()
    assert (payment["status"], payment["refunded"]) == ("refunded", payment["amount"])
    problem(customer.call("POST", f"/v1/orders/{order['id']}/cancel", 409, headers={"If-Match": "*"}), 409, "already_cancelled")


def test_cancel_while_the_payment_runs(slow):
    customer = slow.register()
    order = customer.place()
    assert customer.cancel(order["id"])["status"] == "cancelling"
    assert customer.get(f"/orders/{order['id']}").json()["status"] == "cancelled"  # old clients see it done at once
    problem(customer.call("POST", f"/v1/orders/{order['id']}/cancel", 409, headers={"If-Match": "*"}), 409, "already_cancelling")
    cancelled = customer.wait_for_order(order["id"], "cancelled")
    payment = customer.get(f"/v1/payments/{order['payment_id']}").json()
    charged = payment["amount"]["amount"] if payment["external_transaction_id"] else 0
    assert payment["refunded"]["amount"] == cancelled["refunded"]["amount"] == charged


def test_cancel_a_shipped_order(customer, admin):
    order = customer.place_paid()
    admin.post(f"/v1/orders/{order['id']}/ship", expect=200)
    customer.cancel(order["id"])
    cancelled = customer.wait_for_order(order["id"], "cancelled")
    assert cancelled["refunded"] == cancelled["total"]


# Refunds, shipping, delivery

def refund(client, order_id, amount, expect=202, currency="USD", **arguments):
    body = {"amount": {"amount": amount, "currency": currency}, "reason": "damaged cover"}
    return client.post(f"/v1/orders/{order_id}/refunds", body, expect, **arguments)


def test_refund_a_part(customer, admin):
    order = customer.place_paid()
    answer = refund(admin, order["id"], 500).json()
    assert (answer["order_id"], answer["amount"]) == (order["id"], {"amount": 500, "currency": "USD"})
    customer.wait_for_saga(answer["saga_id"], "completed")
    after = customer.order(order["id"])
    assert (after["status"], after["refunded"]["amount"]) == ("paid", 500)
    payment = customer.get(f"/v1/payments/{order['payment_id']}").json()
    assert (payment["status"], payment["refunded"]["amount"]) == ("completed", 500)


def test_refunds_never_exceed_the_payment(customer, admin):
    order = customer.place_paid()
    problem(refund(admin, order["id"], 3999, 409), 409, "exceeds_refundable")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: refund(admin, order["id"], 1500, None).status_code, range(4)))
    assert sorted(answers) == [202, 202, 409, 409]
    eventually(lambda: customer.order(order["id"])["refunded"]["amount"] == 3000, "both refunds are made")
    refund(admin, order["id"], 998)
    eventually(lambda: customer.get(f"/v1/payments/{order['payment_id']}").json()["status"] == "refunded", "all is given back")


def test_a_refund_that_cannot_be_meant(customer, admin):
    order = customer.place_paid()
    problem(refund(admin, order["id"], 0, 422), 422)
    problem(refund(admin, order["id"], -5, 422), 422)
    problem(refund(admin, order["id"], 5, 422, "EUR"), 422)
    admin.post(f"/v1/orders/{order['id']}/refunds", {"amount": {"amount": 5, "currency": "USD"}}, 400)


def test_a_refund_with_a_key_is_made_once(customer, admin):
    order = customer.place_paid()
    headers = keyed(fresh("refund"))
    first = refund(admin, order["id"], 500, headers=headers)
    again = refund(admin, order["id"], 500, headers=headers)
    assert again.headers["Idempotent-Replayed"] == "true" and again.json() == first.json()
    problem(refund(admin, order["id"], 600, 422, headers=headers), 422)


def test_a_declined_order_has_nothing_to_refund(customer, admin):
    order = customer.wait_for_order(customer.place(fresh("PAYMENT_FAIL"))["id"], "cancelled")
    problem(refund(admin, order["id"], 1, 409), 409, "already_cancelled")


def test_ship_and_deliver(customer, admin):
    order = customer.place_paid()
    problem(admin.post(f"/v1/orders/{order['id']}/deliver", expect=409), 409, "not_shipped")
    problem(admin.post(f"/v1/orders/{order['id']}/ship", expect=412, headers={"If-Match": '"1"'}), 412)
    shipped = admin.post(f"/v1/orders/{order['id']}/ship", expect=200)
    assert (shipped.json()["status"], shipped.headers["ETag"]) == ("shipped", f'"{shipped.json()["version"]}"')
    problem(admin.post(f"/v1/orders/{order['id']}/ship", expect=409), 409, "not_paid")
    delivered = admin.post(f"/v1/orders/{order['id']}/deliver", expect=200).json()
    assert delivered["status"] == "delivered"
    problem(customer.call("POST", f"/v1/orders/{order['id']}/cancel", 409, headers={"If-Match": "*"}), 409, "delivered")


def test_a_pending_order_is_not_shipped(slow, admin):
    customer, slow_admin = slow.register(), slow.log_in("admin@example.com", "an-admin-password-for-tests")
    order = customer.place()
    problem(slow_admin.post(f"/v1/orders/{order['id']}/ship", expect=409), 409, "not_paid")


# Lists

def test_pages_hold_each_order_once(customer):
    placed = [customer.place()["id"] for _ in range(5)]
    seen, path = [], "/v1/orders?limit=2"
    while path:
        page = customer.get(path).json()
        assert len(page["orders"]) <= 2
        assert page["has_more"] == (page["next_cursor"] is not None)
        seen += [order["id"] for order in page["orders"]]
        path = page["has_more"] and f"/v1/orders?limit=2&cursor={page['next_cursor']}"
    assert seen == placed[::-1]


def test_a_list_is_never_older_than_the_request(customer):
    for count in range(1, 6):
        customer.place()
        assert len(customer.get("/v1/orders").json()["orders"]) == count


def test_filters(customer):
    paid = customer.place_paid()
    cancelled = customer.wait_for_order(customer.place(fresh("PAYMENT_FAIL"))["id"], "cancelled")
    assert [o["id"] for o in customer.get("/v1/orders?status=paid").json()["orders"]] == [paid["id"]]
    later = customer.get("/v1/orders", params={"created_after": paid["created_at"]}).json()["orders"]
    assert [order["id"] for order in later] == [cancelled["id"]]
    assert len(customer.get("/v1/orders?limit=1000000").json()["orders"]) == 2


@pytest.mark.parametrize("query", ["status=nonsense", "status=processing", "limit=0", "limit=-1", "limit=x", "cursor=nonsense",
                                   "created_after=yesterday"])
def test_a_query_that_is_wrong(customer, query):
    problem(customer.get(f"/v1/orders?{query}", 400), 400)


def test_ids_that_are_none(customer):
    for name in ("17", "-1", "..%2f", "%00", "x" * 200):
        assert customer.call("GET", f"/v1/orders/{name}").status_code in (400, 404)
    customer.get(f"/v1/orders/{uuid.uuid4()}", 404)
    order = customer.place()
    customer.get(f"/v1/orders/{order['id'].upper()}", 200)
