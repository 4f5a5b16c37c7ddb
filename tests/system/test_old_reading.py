"""The replaced system's clients: sagas, upkeep, traces and the routes for trying things, to the field."""

import uuid

import pytest
from harness_client import fresh
from harness_server import eventually

PAID = ["payment_processing", "order_confirmation"]


@pytest.fixture
def paid(customer):
    """An order whose saga has completed, as {order, saga}."""
    order = customer.place_old()
    saga = eventually(lambda: (saga := customer.get(f"/sagas/correlation/{order['id']}").json()).get("status") == "completed"
                      and saga, "the saga completes")
    return {"order": order, "saga": saga}


@pytest.fixture
def declined(customer):
    order = customer.place_old(fresh("PAYMENT_FAIL"))
    saga = eventually(lambda: (saga := customer.get(f"/sagas/correlation/{order['id']}").json()).get("status") == "compensated"
                      and saga, "the saga is compensated")
    return {"order": order, "saga": saga}


# Sagas

def test_a_saga_that_completed(paid):
    order, saga = paid["order"], paid["saga"]
    assert (saga["sagaType"], saga["currentStep"], saga["completedSteps"]) == ("OrderProcessingSaga", "completed", PAID)
    assert (saga["compensationSteps"], saga["errorMessage"], saga["correlationId"]) == ([], None, order["id"])
    assert saga["data"] == {"orderId": order["id"], "userId": order["userId"], "totalAmount": order["totalAmount"],
                            "items": order["items"], "shippingAddress": order["shippingAddress"]}


def test_a_saga_that_was_declined(declined):
    saga = declined["saga"]
    assert (saga["currentStep"], saga["compensationSteps"]) == ("compensated", ["order_cancelled"])
    assert "order_confirmation" not in saga["completedSteps"]


def test_a_saga_by_its_id(customer, paid):
    assert customer.get(f"/sagas/{paid['saga']['id']}").json() == paid["saga"]
    absent = str(uuid.uuid4())
    assert customer.get(f"/sagas/{absent}").json() == {"message": "Saga not found", "id": absent}
    assert customer.get("/sagas/17", 400).json()["message"] == "Validation failed (uuid is expected)"


@pytest.mark.parametrize("path", ["/sagas/correlation", "/saga/status"])
def test_a_saga_by_its_correlation(customer, path):
    key = fresh("key")
    order = customer.place_old(idempotencyKey=key)
    assert customer.get(f"{path}/{key}").json()["data"]["orderId"] == order["id"]
    assert customer.get(f"{path}/{order['id']}").json()["data"]["orderId"] == order["id"]
    assert customer.get(f"{path}/nothing").json() == {"message": "Saga not found", "correlationId": "nothing"}


def test_saga_lists(customer, paid, declined):
    page = customer.get("/sagas").json()
    assert [saga["id"] for saga in page["sagas"]] == [declined["saga"]["id"], paid["saga"]["id"]]
    assert (page["total"], page["page"], page["limit"], page["totalPages"]) == (2, 1, 10, 1)
    by_status = customer.get("/sagas/status/completed").json()
    assert (by_status["status"], by_status["count"]) == ("completed", 1)
    assert by_status["sagas"][0]["id"] == paid["saga"]["id"]
    customer.get("/sagas/status/nonsense", 400)
    processing = customer.get("/sagas/orders/processing").json()
    assert (processing["sagaType"], processing["count"]) == ("OrderProcessingSaga", 2)
    assert {saga["orderId"] for saga in processing["sagas"]} == {paid["order"]["id"], declined["order"]["id"]}


def test_active_sagas(slow):
    customer = slow.register()
    order = customer.place_old()
    active = customer.get("/saga/active").json()
    assert (active["count"], active["sagas"][0]["correlationId"]) == (1, order["id"])
    flows = customer.get("/trace/active-flows").json()
    assert (flows["totalActiveFlows"], flows["stuckFlows"]) == (1, 0)
    flow = flows["flows"][0]
    assert (flow["saga"]["status"], flow["order"]["id"], flow["isStuck"]) == ("started", order["id"], False)
    assert 0 < len(flow["recentEvents"]) <= 3


def test_sagas_of_others_are_not_seen(stranger, paid):
    assert stranger.get("/sagas").json()["total"] == 0
    assert stranger.get(f"/sagas/{paid['saga']['id']}").json() == {"message": "Saga not found", "id": paid["saga"]["id"]}
    assert stranger.get(f"/sagas/correlation/{paid['order']['id']}").json()["message"] == "Saga not found"
    assert stranger.get("/sagas/orders/processing").json()["count"] == 0


def test_everybodys_sagas_are_seen_by_the_admin(admin, paid):
    assert admin.get(f"/sagas/{paid['saga']['id']}").json()["id"] == paid["saga"]["id"]
    assert admin.get("/sagas?page=1&limit=1").json()["total"] > 0


# Upkeep

def test_pending_orders(slow):
    customer = slow.register()
    order = customer.place_old()
    pending = customer.get("/saga/maintenance/pending-orders").json()
    mine = next(entry for entry in pending["orders"] if entry["order"]["id"] == order["id"])
    assert (mine["order"]["status"], mine["saga"]["status"], mine["payment"]["failureReason"]) == ("pending", "started", None)


def test_cleanup_leaves_what_is_under_way(slow):
    customer = slow.register()
    order = customer.place_old()
    answer = customer.post("/saga/maintenance/cleanup-pending", expect=201).json()
    assert answer["message"] == "Pending orders cleanup completed"
    assert order["id"] not in [result["orderId"] for result in answer["results"]]


def test_saga_health(customer, paid):
    health = customer.get("/saga/maintenance/saga-health").json()
    assert health["sagas"]["completed"] >= 1 and health["orders"]["paid"] >= 1
    assert health["issues"]["stuckSagas"] == 0


# Traces

def test_trace_of_a_paid_order(customer, paid):
    order, saga = paid["order"], paid["saga"]
    trace = customer.get(f"/trace/correlation/{order['id']}").json()
    assert (trace["found"], trace["saga"]["id"], trace["order"]["id"]) == (True, saga["id"], order["id"])
    assert trace["payment"]["amount"] == order["totalAmount"]
    assert trace["payment"]["externalTransactionId"].startswith("ext_tx_")
    types = [entry["eventType"] for entry in trace["timeline"]]
    for earlier, later in [("OrderCreated", "PaymentProcessed"), ("PaymentProcessed", "OrderConfirmed"),
                           ("OrderConfirmed", "SagaCompleted")]:
        assert types.index(earlier) < types.index(later)
    times = [entry["timestamp"] for entry in trace["timeline"]]
    assert times == sorted(times)
    summary = trace["summary"]
    assert (summary["totalEvents"], summary["isSuccessful"]) == (len(types), True)
    assert (summary["sagaStatus"], summary["orderStatus"], summary["paymentStatus"]) == ("completed", "paid", "completed")


def test_trace_of_a_declined_order(customer, declined):
    trace = customer.get(f"/trace/correlation/{declined['order']['id']}").json()
    assert trace["payment"]["failureReason"] == "Insufficient funds or card declined"
    assert trace["payment"]["externalTransactionId"] is None
    summary = trace["summary"]
    assert (summary["sagaStatus"], summary["orderStatus"], summary["paymentStatus"]) == ("compensated", "cancelled", "failed")
    assert summary["isSuccessful"] is False
    types = [entry["eventType"] for entry in trace["timeline"]]
    assert {"PaymentFailed", "OrderCancelled", "SagaCompensated"} <= set(types)
    cancelled = next(entry for entry in trace["timeline"] if entry["eventType"] == "OrderCancelled")
    assert cancelled["data"]["reason"] == "Payment failed: Insufficient funds or card declined"


def test_trace_by_key(customer):
    key = fresh("key")
    order = customer.place_old(idempotencyKey=key)
    trace = customer.get(f"/trace/correlation/{key}").json()
    assert (trace["found"], trace["order"]["id"]) == (True, order["id"])


def test_trace_of_an_order(customer, paid):
    trace = customer.get(f"/trace/order/{paid['order']['id']}").json()
    assert (trace["order"]["userId"], trace["order"]["status"]) == (customer.user["id"], "paid")
    assert [saga["id"] for saga in trace["sagas"]] == [paid["saga"]["id"]]
    assert trace["summary"]["finalStatus"] == {"order": "paid", "payment": "completed", "saga": "completed"}
    assert trace["summary"]["totalEvents"] == len(trace["events"])


def test_traces_of_nothing_and_of_others(customer, stranger, paid):
    for client, name in ((customer, "nothing"), (stranger, paid["order"]["id"])):
        assert client.get(f"/trace/correlation/{name}").json() == {
            "correlationId": name, "found": False, "message": "No saga found with this correlation ID"}
        answer = client.get(f"/trace/order/{name}").json()
        assert (answer["orderId"], answer["found"]) == (name, False)


def test_trace_events(customer, stranger, paid):
    answer = customer.get("/trace/events").json()
    assert answer["statistics"]["totalReturned"] == len(answer["events"]) > 5
    assert {event["correlationId"] for event in answer["events"]} == {paid["order"]["id"]}
    times = [event["timestamp"] for event in answer["events"]]
    assert times == sorted(times, reverse=True)
    some = customer.get("/trace/events?limit=2&eventType=OrderCreated").json()
    assert [event["eventType"] for event in some["events"]] == ["OrderCreated"]
    assert len(customer.get("/trace/events?limit=3").json()["events"]) == 3
    assert stranger.get("/trace/events").json()["events"] == []
    customer.get("/trace/events?limit=x", 400)


def test_trace_events_are_capped(admin, customer):
    for _ in range(15):
        customer.place_old()
    assert len(admin.get("/trace/events?limit=100000").json()["events"]) == 100


# Trying things

def test_greeting(anonymous):
    response = anonymous.get("/")
    assert response.content.decode() == "Hello! NestJS CQRS Saga 프로젝트에 오신 것을 환영합니다! 🚀"


def test_health(anonymous):
    health = anonymous.get("/health").json()
    assert (health["status"], health["environment"], health["database"]["connected"]) == ("ok", "development", True)
    detailed = anonymous.get("/health/detailed").json()
    assert detailed["status"] == "ok"
    assert {component["name"]: component["status"] for component in detailed["components"]}["kafka"] == "not_configured"


def test_database_routes(anonymous):
    pool = anonymous.get("/db-pool").json()
    assert (pool["maxConnections"], pool["isHealthy"]) == (20, True)
    assert "current_time" in anonymous.get("/db-test").json()["data"]


def test_kafka_is_not_configured(anonymous):
    answer = anonymous.get("/kafka-test").json()
    assert answer["status"] == "error"
    assert "not configured" in f"{answer['message']} {answer.get('error', '')}"


@pytest.mark.parametrize("how", ["query", "body"])
def test_lock(anonymous, how):
    key, fields = fresh("lock"), {"duration": 50, "nodeId": "node-7"}
    path = f"/redis-test/lock/{key}"
    answer = (anonymous.post(path, fields, 201) if how == "body" else anonymous.post(path, expect=201, params=fields)).json()
    assert answer["success"] is True
    assert answer["message"] == "Lock acquired and released successfully by node-7"
    assert (answer["result"]["nodeId"], answer["result"]["workDuration"]) == ("node-7", 50)
    assert answer["result"]["message"] == "Critical section executed by node-7"
    assert anonymous.get(f"/redis-test/lock-status/{key}").json()["isLocked"] is False


def test_saga_creation_lock(anonymous):
    correlation = fresh("corr")
    answer = anonymous.post("/redis-test/saga-creation-test", {"correlationId": correlation, "nodeId": "node-2"}, 201).json()
    assert answer["success"] is True
    assert (answer["result"]["correlationId"], answer["result"]["createdBy"]) == (correlation, "node-2")
    anonymous.post("/redis-test/saga-creation-test", {}, 400)


def test_manual_lock(anonymous):
    key = fresh("manual")
    answer = anonymous.post(f"/redis-test/manual-lock/{key}", expect=201).json()
    assert (answer["success"], answer["lockInfo"]["key"]) == (True, f"lock:{key}")
    assert answer["operations"] == {"acquired": True, "renewed": True, "released": True}
