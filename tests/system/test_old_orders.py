"""The replaced system's clients: orders, to the field."""

import hashlib
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness_client import fresh
from harness_server import eventually


def line(**fields):
    return {"productId": fresh("BOOK"), "productName": "The Prose Edda", "quantity": 2, "price": 19.99} | fields


def body(*lines, **fields):
    return {"items": list(lines) or [line()], "shippingAddress": "1 Saga Street, Reykholt"} | fields


def key_of(*products):
    return hashlib.sha256(("SOLDOUT:" + "|".join(sorted(products))).encode()).hexdigest()


def old_order(client, order_id):
    return client.get(f"/orders/{order_id}").json()


def wait_for(client, order_id, status):
    return eventually(lambda: (order := old_order(client, order_id))["status"] == status and order, f"order is {status}")


def payment_id(client, order_id):
    return client.get(f"/trace/order/{order_id}").json()["order"]["paymentId"]


# Placing

@pytest.mark.parametrize("path", ["/orders", "/orders/test/create"])
def test_place(customer, path):
    sent = body(line(quantity=3, price=10.1))
    order = customer.post(path, sent, 201).json()
    assert order["totalAmount"] == 30.3
    assert (order["status"], order["userId"]) == ("pending", customer.user["id"])
    assert (order["items"], order["shippingAddress"]) == (sent["items"], sent["shippingAddress"])
    stored = wait_for(customer, order["id"], "paid")
    assert {**stored, "status": "pending", "updatedAt": order["updatedAt"]} == order


def test_amounts_are_exact_numbers(customer):
    order = customer.post("/orders", body(line(quantity=1, price=0.1), line(quantity=1, price=0.2)), 201).json()
    assert order["totalAmount"] == 0.3
    assert old_order(customer, order["id"])["totalAmount"] == 0.3


def test_half_a_product_passes_as_it_did(customer):
    order = customer.post("/orders", body(line(quantity=1.5, price=10)), 201).json()
    assert (order["totalAmount"], order["items"][0]["quantity"]) == (15, 1.5)


def test_an_empty_address_passes_as_it_did(customer):
    assert customer.post("/orders", body(shippingAddress=""), 201).json()["shippingAddress"] == ""


def test_no_items_pass_once_for_ever(customer):
    first = customer.call("POST", "/orders", json=body() | {"items": []})
    assert first.status_code in (201, 409)  # 409 when another run of this server had it
    customer.call("POST", "/orders", 409, json=body() | {"items": []})


@pytest.mark.parametrize(("fields", "message"), [
    ({"items": [line(quantity=0)]}, "items.0.quantity must not be less than 1"),
    ({"items": [line(price=-1)]}, "items.0.price must not be less than 0"),
    ({"items": [line(price="1")]}, "items.0.price must be a number conforming to the specified constraints"),
    ({"items": [line(zz=1)]}, "items.0.property zz should not exist"),
    ({"foo": 1}, "property foo should not exist"),
    ({"status": "paid"}, "property status should not exist"),
    ({"shippingAddress": 7}, "shippingAddress must be a string"),
    ({"items": "none"}, "items must be an array"),
])
def test_place_says_what_is_wrong(customer, fields, message):
    answer = customer.post("/orders", body(**fields), 400).json()
    assert message in answer["message"]
    assert (answer["error"], answer["statusCode"]) == ("Bad Request", 400)


@pytest.mark.parametrize("price", ["1.005", "1e400", "NaN", "9007199254740993", "18446744073709551616"])
def test_a_price_that_is_no_amount_is_refused(customer, price):
    text = ('{"items":[{"productId":"%s","productName":"n","quantity":1,"price":%s}],"shippingAddress":"x"}'
            % (fresh("BOOK"), price))
    customer.call("POST", "/orders", 400, data=text, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize("text", ['{"items":', "", "[]", "[" * 100_000, '{"items":[],"items":[],"shippingAddress":"x"}',
                                  '{"items":[],"shippingAddress":"\\u0000"}', b'{"items":[],"shippingAddress":"\xff"}',
                                  '{"items":[],"shippingAddress":"\\ud800"}'])
def test_what_is_no_json_is_refused(customer, text):
    customer.call("POST", "/orders", 400, data=text, headers={"Content-Type": "application/json"})


def test_a_large_body_is_refused(customer):
    answer = customer.post("/orders", body(shippingAddress="x" * 110_000), 413).json()
    assert answer == {"message": "request entity too large", "statusCode": 413}


def test_place_needs_a_token(anonymous):
    anonymous.post("/orders", body(), 401)


# Duplicates

def test_the_same_products_again_are_a_duplicate(customer, stranger):
    first, second = line(), line()
    order = customer.post("/orders", body(first, second), 201).json()
    key = key_of(first["productId"], second["productId"])
    expected = {"message": "Order with this product combination already exists", "error": "DUPLICATE_ORDER",
                "existingOrderId": order["id"], "idempotencyKey": key, "code": "ORDER_ALREADY_EXISTS"}
    assert customer.post("/orders", body(second, first), 409).json() == expected
    assert stranger.post("/orders", body(first, second), 409).json() == expected | {"existingOrderId": None}


def test_a_cancelled_order_keeps_its_products(customer):
    item = line()
    order = customer.post("/orders", body(item), 201).json()
    customer.delete(f"/orders/{order['id']}")
    customer.post("/orders", body(item), 409)


def test_a_key_of_the_client_is_global_and_never_replayed(customer, stranger):
    key = fresh("key")
    order = customer.post("/orders", body(idempotencyKey=key), 201).json()
    again = customer.post("/orders", body(idempotencyKey=key), 409).json()
    assert (again["existingOrderId"], again["idempotencyKey"]) == (order["id"], key)
    assert stranger.post("/orders", body(idempotencyKey=key), 409).json()["existingOrderId"] is None


@pytest.mark.parametrize("key", ["", None])
def test_an_empty_key_is_no_key(customer, key):
    item = line()
    customer.post("/orders", body(item, idempotencyKey=key), 201)
    assert customer.post("/orders", body(item, idempotencyKey=key), 409).json()["idempotencyKey"] == key_of(item["productId"])


def test_a_name_stands_in_for_an_empty_product_id(customer):
    name = fresh("name")
    customer.post("/orders", body(line(productId="", productName=name)), 201)
    assert customer.post("/orders", body(line(productId="", productName=name)), 409).json()["idempotencyKey"] == key_of(name)


def test_of_five_at_once_one_wins(customer):
    sent = body()
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: customer.as_nobody().call(
            "POST", "/orders", json=sent, headers={"Authorization": f"Bearer {customer.token}"}), range(5)))
    won = [answer.json() for answer in answers if answer.status_code == 201]
    lost = [answer.json() for answer in answers if answer.status_code == 409]
    assert (len(won), len(lost)) == (1, 4)
    assert {answer["existingOrderId"] for answer in lost} == {won[0]["id"]}


# Reading

def test_get_one(customer, stranger, anonymous):
    order = customer.place_old()
    assert old_order(customer, order["id"])["id"] == order["id"]
    assert stranger.get(f"/orders/{order['id']}", 403).json()["message"] == "Access denied"
    assert customer.get(f"/orders/{uuid.uuid4()}", 404).json()["message"] == "Order not found"
    assert customer.get("/orders/17", 400).json()["message"] == "Validation failed (uuid is expected)"
    anonymous.get(f"/orders/{order['id']}", 401)


def test_list_is_ones_own_newest_first(customer, stranger):
    placed = [customer.place_old()["id"] for _ in range(3)]
    stranger.place_old()
    page = customer.get("/orders").json()
    assert [order["id"] for order in page["orders"]] == placed[::-1]
    assert (page["total"], page["page"], page["limit"], page["totalPages"]) == (3, 1, 10, 1)
    second = customer.get("/orders?page=2&limit=2").json()
    assert ([order["id"] for order in second["orders"]], second["totalPages"]) == ([placed[0]], 2)


def test_list_by_status(customer):
    paid = wait_for(customer, customer.place_old()["id"], "paid")
    declined = wait_for(customer, customer.place_old(fresh("PAYMENT_FAIL"))["id"], "cancelled")
    assert [order["id"] for order in customer.get("/orders?status=paid").json()["orders"]] == [paid["id"]]
    assert [order["id"] for order in customer.get("/orders?status=cancelled").json()["orders"]] == [declined["id"]]
    assert customer.get("/orders?status=").json()["total"] == 2
    assert customer.get("/orders?status=failed").json()["orders"] == []
    customer.get("/orders?status=nonsense", 400)


def test_list_bounds(customer):
    page = customer.get("/orders?limit=0").json()
    assert (page["orders"], page["totalPages"]) == ([], None)
    assert customer.get("/orders?page=x", 400).json()["message"] == "Validation failed (numeric string is expected)"
    for query in ("page=0", "page=-1", "limit=-1", "limit=x"):
        customer.get(f"/orders?{query}", 400)
    assert customer.get("/orders?limit=1000000000").json()["limit"] <= 1000


# Cancelling

def test_cancel_a_paid_order(customer):
    order = wait_for(customer, customer.place_old()["id"], "paid")
    answer = customer.delete(f"/orders/{order['id']}", {"reason": "too late", "more": 1}).json()
    assert answer == {"message": "주문이 취소되었습니다.", "orderId": order["id"]}
    assert old_order(customer, order["id"])["status"] == "cancelled"  # at once, whatever goes on behind
    trace = eventually(lambda: (seen := customer.get(f"/trace/order/{order['id']}").json())["payment"]["status"] == "refunded"
                       and seen, "the payment is given back")
    assert trace["order"]["status"] == "cancelled"
    customer.delete(f"/orders/{order['id']}")  # again: 200


def test_cancel_while_the_payment_runs(slow):
    customer = slow.register()
    order = customer.place_old()
    customer.delete(f"/orders/{order['id']}")
    assert old_order(customer, order["id"])["status"] == "cancelled"
    eventually(lambda: customer.order(order["id"])["status"] == "cancelled", "the cancellation ends")
    payment = customer.get(f"/v1/payments?order_id={order['id']}").json()["payments"][0]
    assert payment["refunded"] == payment["amount"] or payment["status"] in ("failed", "pending"), payment


def test_cancel_a_declined_order(customer):
    order = wait_for(customer, customer.place_old(fresh("PAYMENT_FAIL"))["id"], "cancelled")
    customer.delete(f"/orders/{order['id']}")


def test_cancel_what_is_not_ones_own(customer, stranger, anonymous):
    order = customer.place_old()
    assert stranger.delete(f"/orders/{order['id']}", expect=404).json()["message"] == "Order not found"
    customer.delete(f"/orders/{uuid.uuid4()}", expect=404)
    customer.delete("/orders/17", expect=400)
    anonymous.delete(f"/orders/{order['id']}", expect=401)


def test_a_delivered_order_cannot_be_cancelled(customer, admin):
    order = wait_for(customer, customer.place_old()["id"], "paid")
    admin.post(f"/v1/orders/{order['id']}/ship", expect=200)
    admin.post(f"/v1/orders/{order['id']}/deliver", expect=200)
    answer = customer.delete(f"/orders/{order['id']}", expect=409).json()
    assert (answer["message"], answer["statusCode"]) == ("Cannot cancel delivered order", 409)


# Confirming

def test_confirm_decides_nothing(customer, stranger):
    order = wait_for(customer, customer.place_old()["id"], "paid")
    payment = payment_id(customer, order["id"])
    answer = customer.put(f"/orders/{order['id']}/confirm", {"paymentId": payment, "more": 1}).json()
    assert answer == {"message": "주문이 확인되었습니다.", "orderId": order["id"], "paymentId": payment}
    assert old_order(customer, order["id"]) == order
    customer.put(f"/orders/{order['id']}/confirm", {"paymentId": str(uuid.uuid4())}, 409)
    stranger.put(f"/orders/{order['id']}/confirm", {"paymentId": payment}, 404)
    customer.put(f"/orders/{uuid.uuid4()}/confirm", {"paymentId": payment}, 404)


def test_confirm_before_the_payment_is_refused(slow):
    customer = slow.register()
    order = customer.place_old()
    customer.put(f"/orders/{order['id']}/confirm", {"paymentId": payment_id(customer, order["id"])}, 409)
    assert old_order(customer, order["id"])["status"] == "pending"


# The style of errors

def test_problem_json_where_it_is_asked_for(customer):
    response = customer.get(f"/orders/{uuid.uuid4()}", 404, headers={"Accept": "application/problem+json, application/json"})
    assert response.headers["Content-Type"].startswith("application/problem+json")
    assert response.json()["status"] == 404


def test_an_unknown_path(customer):
    assert customer.get("/x", 404).json()["message"] == "Cannot GET /x"


def test_a_method_that_a_path_lacks(customer):
    response = customer.call("PATCH", "/orders", 405, json={})
    assert {"GET", "POST"} <= {method.strip() for method in response.headers["Allow"].split(",")}
