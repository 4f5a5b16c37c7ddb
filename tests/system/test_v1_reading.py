"""What happened, under /v1: payments, sagas, events, streams."""

import uuid

import pytest
from harness_client import fresh

# A good sale is two turns; within a turn the order of the events is the server's own business.
PLACED = {"OrderCreated", "PaymentRequested", "SagaStarted", "SagaStepRequested"}
CHARGED = {"PaymentProcessed", "SagaStepCompleted", "OrderConfirmed", "SagaCompleted"}


@pytest.fixture
def paid(customer):
    order = customer.place_paid()
    customer.wait_for_saga(order["saga_id"], "completed")
    return customer.order(order["id"])


def whole(client, path):
    """All events of a list, page by page."""
    events, cursor = [], None
    while True:
        page = client.get(path, params={"limit": 4} | ({"cursor": cursor} if cursor else {})).json()
        events += page["events"]
        if not page["has_more"]:
            return events
        cursor = page["next_cursor"]


def test_payments(customer, stranger, paid):
    payment = customer.get(f"/v1/payments/{paid['payment_id']}")
    body = payment.json()
    assert (body["order_id"], body["amount"], body["status"]) == (paid["id"], paid["total"], "completed")
    assert body["external_transaction_id"].startswith("ext_tx_")
    customer.get(f"/v1/payments/{body['id']}", 304, headers={"If-None-Match": payment.headers["ETag"]})
    assert customer.get(f"/v1/payments?order_id={paid['id']}&status=completed").json()["payments"] == [body]
    assert customer.get("/v1/payments?status=failed").json()["payments"] == []
    stranger.get(f"/v1/payments/{body['id']}", 404)
    assert stranger.get(f"/v1/payments?order_id={paid['id']}").json()["payments"] == []


def test_a_saga_step_by_step(customer, stranger, paid):
    response = customer.get(f"/v1/sagas/{paid['saga_id']}")
    saga = response.json()
    assert (saga["definition"], saga["order_id"], saga["state"], saga["error"]) == (
        "OrderProcessingSaga", paid["id"], "completed", None)
    assert [(step["name"], step["state"]) for step in saga["steps"]] == [
        ("stock_reservation", "skipped"), ("order_approval", "skipped"), ("payment_processing", "succeeded"),
        ("order_confirmation", "succeeded")]
    assert saga["steps"][2]["attempts"] == 1
    customer.get(f"/v1/sagas/{saga['id']}", 304, headers={"If-None-Match": response.headers["ETag"]})
    stranger.get(f"/v1/sagas/{saga['id']}", 404)
    stranger.get(f"/v1/sagas/{saga['id']}/history", 404)
    customer.get(f"/v1/sagas/{uuid.uuid4()}", 404)  # a message with 200 is for the old routes only


def test_a_sagas_history(customer, paid):
    events = whole(customer, f"/v1/sagas/{paid['saga_id']}/history")
    assert {event["stream_id"] for event in events} == {paid["saga_id"]}
    assert [event["version"] for event in events] == list(range(1, len(events) + 1))
    assert (events[0]["type"], events[-1]["type"]) == ("SagaStarted", "SagaCompleted")


def test_saga_filters(customer, paid):
    declined = customer.wait_for_order(customer.place(fresh("PAYMENT_FAIL"))["id"], "cancelled")
    customer.wait_for_saga(declined["saga_id"], "compensated")

    def found(query):
        return [saga["id"] for saga in customer.get(f"/v1/sagas?{query}").json()["sagas"]]

    assert found("") == [declined["saga_id"], paid["saga_id"]]
    assert found("state=completed") == [paid["saga_id"]]
    assert found("state=parked") == []
    assert len(found("definition=OrderProcessingSaga")) == 2
    assert found("definition=Nothing") == []
    assert found("step=completed") == [paid["saga_id"]]
    assert found("older_than=1h") == []
    assert len(found("older_than=0s")) == 2
    assert found("error=nothing%20like%20it") == []
    for query in ("state=nonsense", "older_than=long", "cursor=x", "limit=0"):
        customer.get(f"/v1/sagas?{query}", 400)


def test_an_orders_whole_story(customer, stranger, paid):
    events = whole(customer, f"/v1/orders/{paid['id']}/events")
    turns = {}
    for event in events:
        turns.setdefault(event["turn_id"], set()).add(event["type"])
    assert list(turns.values()) == [PLACED, CHARGED]
    assert {event["correlation_id"] for event in events} == {paid["id"]}
    assert {event["stream_id"] for event in events} == {paid["id"], paid["payment_id"], paid["saga_id"]}
    positions = [event["position"] for event in events]
    assert positions == sorted(set(positions))
    assert len({event["id"] for event in events}) == len(events)
    stranger.get(f"/v1/orders/{paid['id']}/events", 404)


def test_a_stream(customer, stranger, paid):
    stream = customer.get(f"/v1/streams/{paid['id']}").json()
    assert (stream["stream_type"], stream["version"]) == ("order", paid["version"])
    assert [event["version"] for event in stream["events"]] == list(range(1, paid["version"] + 1))
    first = customer.get(f"/v1/streams/{paid['id']}?limit=1").json()
    assert first["has_more"] is True
    rest = customer.get(f"/v1/streams/{paid['id']}", params={"cursor": first["next_cursor"]}).json()
    assert first["events"] + rest["events"] == stream["events"]
    assert customer.get(f"/v1/streams/{paid['payment_id']}").json()["stream_type"] == "payment"
    stranger.get(f"/v1/streams/{paid['id']}", 404)
    customer.get(f"/v1/streams/{uuid.uuid4()}", 404)


def test_the_log_shows_ones_own(customer, stranger, admin, paid):
    mine = whole(customer, "/v1/events")
    assert {event["correlation_id"] for event in mine} == {paid["id"]}
    assert whole(stranger, "/v1/events") == []
    assert whole(admin, f"/v1/events?correlation_id={paid['id']}") == mine
    assert whole(stranger, f"/v1/events?correlation_id={paid['id']}") == []


def test_the_log_filtered(customer, paid):
    def types(query):
        return [event["type"] for event in whole(customer, f"/v1/events?{query}")]

    assert types("type=OrderCreated") == ["OrderCreated"]
    assert types("type=Nothing") == []
    assert types(f"stream={paid['id']}") == ["OrderCreated", "OrderConfirmed"]
    for query in ("stream=17", "cursor=nonsense", "limit=x"):
        customer.get(f"/v1/events?{query}", 400)


def test_a_cursor_comes_back_later(customer, paid):
    end = customer.get("/v1/events?limit=1000").json()
    assert end["has_more"] is False
    order = customer.place()
    later = customer.get("/v1/events", params={"cursor": end["next_cursor"]}).json()["events"]
    assert {event["correlation_id"] for event in later} == {order["id"]}
