"""Who may do what: the table of docs/api.md, row by row."""

import uuid

import pytest
from harness_client import fresh
from harness_server import eventually

OPEN = ["/", "/health", "/health/detailed", "/livez", "/readyz", "/version", "/metrics", "/openapi.json", "/api/docs",
        "/api/docs-json"]
ADMIN_ONLY = [("GET", "/v1/users"), ("GET", f"/v1/users/{uuid.uuid4()}"), ("PATCH", f"/v1/users/{uuid.uuid4()}"),
              ("GET", "/v1/config"), ("GET", "/v1/admin/feature-level"), ("POST", "/v1/admin/feature-level"),
              ("GET", "/v1/admin/log-level"), ("POST", "/v1/admin/log-level"),
              ("POST", "/v1/admin/backup")]
OPERATOR_TOO = [("POST", "/v1/admin/verify"), ("POST", "/v1/admin/rebuild"), ("GET", f"/v1/admin/tasks/{uuid.uuid4()}"),
                ("POST", "/v1/admin/check-sagas"), ("GET", "/v1/audit"), ("GET", "/v1/nodes"), ("GET", "/v1/shards"), ("GET", "/v1/parked"), ("GET", "/v1/batches"),
                ("GET", f"/v1/batches/{uuid.uuid4()}"), ("POST", f"/saga/retry/{uuid.uuid4()}"),
                ("POST", f"/saga/compensate/{uuid.uuid4()}")]


@pytest.fixture
def order(customer):
    return customer.place_paid()


def call(client, method, path):
    posted = {"feature-level": {"raise_to": 2, "reason": "a test"}, "log-level": {"level": "info", "reason": "a test"}}
    bodies = {"PATCH": {"role": "admin"}, "POST": posted.get(path.rsplit("/", 1)[1])}
    return client.call(method, path, json=bodies.get(method)).status_code


@pytest.mark.parametrize("path", OPEN)
def test_open_routes(anonymous, path):
    anonymous.get(path, 200)


def test_every_other_route_wants_a_token(anonymous, document):
    """401 whatever else is wrong with the request."""
    for (method, path), operation in document.operations().items():
        if operation.get("security") is not None:
            continue
        for parameter in ("id", "orderId", "correlationId"):
            path = path.replace("{%s}" % parameter, str(uuid.uuid4()))
        path = path.replace("{status}", "started")
        anonymous.call(method.upper(), path, 401, json={} if "requestBody" in operation else None)


@pytest.mark.parametrize(("method", "path"), ADMIN_ONLY)
def test_admin_only(customer, merchant, operator, admin, method, path):
    assert [call(client, method, path) for client in (customer, merchant, operator)] == [403, 403, 403]
    assert call(admin, method, path) in ((202,) if path.endswith("backup") else (200, 404))


@pytest.mark.parametrize(("method", "path"), OPERATOR_TOO)
def test_operator_and_admin(customer, merchant, operator, admin, method, path):
    assert [call(client, method, path) for client in (customer, merchant)] == [403, 403]
    for client in (operator, admin):
        assert call(client, method, path) in (200, 202, 404, 409)


@pytest.mark.parametrize("action", ["ship", "deliver", "refunds"])
def test_money_and_goods_move_for_the_admin_alone(customer, stranger, merchant, operator, order, action):
    """Until products exist: a merchant has no order of theirs, so there is none."""
    path = f"/v1/orders/{order['id']}/{action}"
    body = {"amount": {"amount": 1, "currency": "USD"}, "reason": "x"} if action == "refunds" else None
    answers = [client.call("POST", path, json=body).status_code for client in (customer, stranger, operator, merchant)]
    assert answers == [403, 403, 403, 404]
    assert customer.order(order["id"]) == order


def test_operator_and_admin_read_all_orders(operator, admin, order):
    for client in (operator, admin):
        assert client.order(order["id"]) == order
        assert client.get(f"/orders/{order['id']}").json()["id"] == order["id"]
        assert client.get(f"/v1/payments/{order['payment_id']}").json()["order_id"] == order["id"]
        assert client.get(f"/v1/sagas/{order['saga_id']}").json()["order_id"] == order["id"]
        assert order["id"] in [entry["id"] for entry in client.get("/v1/orders?limit=100").json()["orders"]]
        assert client.get(f"/trace/order/{order['id']}").json()["found"] is True


def test_the_operator_only_reads_orders(operator, order):
    operator.call("POST", f"/v1/orders/{order['id']}/cancel", 403, headers={"If-Match": "*"})


def test_another_users_order_does_not_exist(stranger, merchant, order):
    """The same answer as for an id that nobody has."""
    for client in (stranger, merchant):
        for path in ("/v1/orders/{}", "/v1/orders/{}/events", "/v1/streams/{}"):
            answers = [client.get(path.format(name), 404).json() for name in (order["id"], str(uuid.uuid4()))]
            assert answers[0]["detail"] == answers[1]["detail"]
        client.call("POST", f"/v1/orders/{order['id']}/cancel", 404, headers={"If-Match": "*"})
    assert [entry["id"] for entry in stranger.get("/v1/orders?user_id=" + order["user_id"]).json()["orders"]] == []


def test_the_admin_cancels_for_a_customer(admin, customer, order):
    admin.cancel(order["id"])
    customer.wait_for_order(order["id"], "cancelled")


def test_a_header_makes_nobody_another(stranger, order):
    for name in ("X-User-Id", "X-Forwarded-For", "X-Real-IP"):
        stranger.get(f"/v1/orders/{order['id']}", 404, headers={name: order["user_id"]})


def test_config_shows_no_secret(admin):
    text = admin.get("/v1/config").text
    for secret in ("test-access-secret", "test-refresh-secret", "an-admin-password"):
        assert secret not in text
    origins = {setting["key"]: setting["origin"] for setting in admin.get("/v1/config").json()["settings"]}
    assert (origins["server.port"], origins["payment.success_rate"], origins["orders.currency"]) == ("flag", "env", "default")


def test_verify_and_rebuild(admin, order):
    for kind in ("verify", "rebuild"):
        response = eventually(lambda kind=kind: (answer := admin.call("POST", f"/v1/admin/{kind}")).status_code == 202 and answer,
                              f"no other {kind} runs")
        path = response.headers["Location"]
        task = eventually(lambda path=path: (task := admin.get(path).json())["state"] != "running" and task, f"{kind} ends")
        assert (task["kind"], task["state"], task["error"]) == (kind, "completed", None)
        if kind == "verify":
            assert task["result"]["ok"] is True, task["result"]
        else:
            assert task["result"]["rows_changed"] == 0, task["result"]


def test_production_shuts_what_development_leaves_open(start_server, document, anonymous):
    from harness_client import Client
    from harness_server import ADMIN
    nobody = Client(start_server({"NODE_ENV": "production", "EDDA_PAYMENT_SIMULATOR_IN_PRODUCTION": "true"}), document)
    customer, admin = nobody.register(), nobody.log_in(**ADMIN)
    routes = [("GET", "/db-pool"), ("GET", "/db-test"), ("GET", "/kafka-test"), ("GET", "/redis-test/lock-status/x"),
              ("POST", f"/redis-test/lock/{fresh('lock')}?duration=1")]
    for method, path in routes:
        answers = [client.call(method, path).status_code for client in (nobody, customer, admin)]
        assert answers[:2] == [401, 403] and answers[2] in (200, 201), path
    for method, path in [("GET", "/saga/maintenance/pending-orders"), ("GET", "/saga/maintenance/saga-health"),
                         ("POST", "/saga/maintenance/cleanup-pending")]:
        assert [client.call(method, path).status_code for client in (nobody, customer)] == [401, 403], path
        assert admin.call(method, path).status_code in (200, 201)
    assert "Access-Control-Allow-Origin" not in nobody.get("/health", headers={"Origin": "https://example.com"}).headers


def test_cors_is_open_in_development(anonymous):
    response = anonymous.get("/health", headers={"Origin": "https://example.com"})
    assert response.headers["Access-Control-Allow-Origin"] == "*"
