"""`edda import`: whoever used the replaced system signs in as before and finds his orders, under the ids he knows."""

import hashlib
import pathlib
import re
import subprocess

import pytest

from harness_client import Client
from harness_server import ADMIN, Server
from process_commands import check_store, run

SCHEMA = pathlib.Path(__file__).parent.parent / "support/replaced_schema.sql"
PASSWORD = "a good old password"
BCRYPT = "$2b$10$abcdefghijklmnopqrstuuAuQkFVTyoZL1TVI5gyBjNo9IWl9QOlq"
USER = "11111111-1111-4111-8111-000000000001"
PAID, OPEN, NEVER_PAID_BACK = (f"22222222-2222-4222-8222-00000000000{n}" for n in (1, 2, 3))


def payment(order):
    return order.replace("2222", "3333")


def saga(order):
    return order.replace("2222", "4444")


def product_key(product):
    return hashlib.sha256(f"SOLDOUT:{product}".encode()).hexdigest()


def fill(postgres, database):
    postgres.create(database)
    postgres.ask(database, SCHEMA.read_text())
    postgres.ask(database, 'INSERT INTO users(id, email, password, "firstName", "lastName") '
                           f"VALUES ('{USER}', 'minsu@example.com', '{BCRYPT}', '민수', 'Kim')")
    for order, status, money, progress in ((PAID, "paid", "completed", "completed"), (OPEN, "pending", "processing", "started"),
                                           (NEVER_PAID_BACK, "cancelled", "completed", "completed")):
        product = f"X{order[-1]}"
        items = f'[{{"price": 10, "quantity": 1, "productId": "{product}", "productName": "n"}}]'
        postgres.ask(database, 'INSERT INTO orders(id, "userId", "totalAmount", status, items, "shippingAddress", "idempotencyKey") '
                               f"VALUES ('{order}', '{USER}', 10, '{status}', '{items}', 'Seoul', '{product_key(product)}')")
        postgres.ask(database, 'INSERT INTO payments(id, "orderId", "userId", amount, status, "externalTransactionId") '
                               f"VALUES ('{payment(order)}', '{order}', '{USER}', 10, '{money}', 'ext_tx_{order[-1]}')")
        postgres.ask(database, 'INSERT INTO saga_instances(id, "sagaType", "correlationId", status, data, "currentStep") '
                               f"VALUES ('{saga(order)}', 'OrderProcessingSaga', '{product_key(product)}', '{progress}', "
                               f"'{{\"orderId\": \"{order}\"}}', 'payment_processing')")


@pytest.fixture(scope="module", params=["folder", "database"])
def moved_in(request, binary, postgres, tmp_path_factory):
    """A server on a store into which the same system was imported twice, and what the import said."""
    folder, database = tmp_path_factory.mktemp("moved-in"), f"old_{request.param}"
    fill(postgres, database)
    source = f"postgres://{postgres.USER}@127.0.0.1:{postgres.port}/{database}"
    to = ["--to", folder / "data"] if request.param == "folder" else []
    environment = {} if request.param == "folder" else postgres.for_edda(database) | {"DATABASE_PASSWORD": "not asked for"}
    for _ in range(2):
        done = run(binary, "import", "--from", source, *to)
        assert done.returncode == 0, done.stdout + done.stderr
    with Server(binary, folder, environment) as server:
        yield server, done.stdout


@pytest.fixture(scope="module")
def user(moved_in, document):
    server, _ = moved_in
    return Client(server, document).log_in("minsu@example.com", PASSWORD)


def test_it_says_what_became_of_what(moved_in):
    _, said = moved_in
    assert "Imported 1 users, 3 orders and 3 idempotency keys" in said and "counts and sums are the same" in said, said
    assert re.search(r"orders +cancelled +cancelling +1 +10\.00 USD", said), said
    assert f", once {saga(OPEN)}: imported: whether the charge took effect is not known" in said, said
    assert said.count("parked: ") == 2, said


def test_orders_are_found_under_their_ids(user):
    orders = user.get("/orders?limit=10").json()["orders"]
    assert {order["id"]: order["status"] for order in orders} == {PAID: "paid", OPEN: "pending", NEVER_PAID_BACK: "cancelled"}
    assert user.get(f"/v1/orders/{PAID}").json()["total"] == {"amount": 1000, "currency": "USD"}


def test_payments_and_sagas_are_found_by_their_old_ids(user):
    assert user.get(f"/v1/payments/{payment(PAID)}").json()["order_id"] == PAID
    assert user.get(f"/v1/sagas/{saga(PAID)}").json()["order_id"] == PAID
    shown = user.get(f"/sagas/{saga(PAID)}").json()
    assert (shown["id"], shown["status"]) == (saga(PAID), "completed")
    trace = user.get(f"/trace/correlation/{product_key('X1')}").json()
    assert (trace["saga"]["id"], trace["payment"]["id"], trace["order"]["paymentId"]) == (saga(PAID), payment(PAID), payment(PAID))
    assert {entry["id"] for entry in user.get("/sagas?limit=10").json()["sagas"]} > {saga(PAID), saga(OPEN)}
    user.put(f"/orders/{PAID}/confirm", {"paymentId": payment(PAID)})
    user.put(f"/orders/{PAID}/confirm", {"paymentId": payment(OPEN)}, expect=409)


def test_a_key_that_was_used_is_used(user):
    user.place_old(product="X1", expect=409)


def test_what_was_parked_ends_by_a_persons_word(user):
    admin = user.log_in(ADMIN["email"], ADMIN["password"])
    parked = admin.get(f"/v1/sagas/{saga(OPEN)}").json()
    assert parked["state"] == "parked", parked
    outcome = {"step": "payment_processing", "outcome": "succeeded", "reason": "the gateway has it", "reference": "ext_tx_2"}
    version = admin.get(f"/v1/sagas/{saga(OPEN)}").headers["ETag"]
    admin.post(f"/v1/sagas/{saga(OPEN)}/state-outcome", outcome, expect=202, headers={"If-Match": version})
    assert user.get(f"/v1/orders/{OPEN}").json()["status"] == "paid"


def test_the_store_is_sound(moved_in):
    server, _ = moved_in
    check_store(server)


MANY = f"""
INSERT INTO orders(id, "userId", "totalAmount", status, items, "idempotencyKey")
SELECT gen_random_uuid(), '{USER}', 10, 'paid', jsonb_build_array(jsonb_build_object('productId', 'Y' || i, 'productName', 'n', 'quantity', 1,
  'price', 10)), md5(i::text) FROM generate_series(1, 4000) i;
INSERT INTO payments(id, "orderId", "userId", amount, status, "externalTransactionId")
SELECT gen_random_uuid(), id::text, "userId"::text, 10, 'completed', 'ext' FROM orders WHERE length("idempotencyKey") = 32;
INSERT INTO saga_instances(id, "sagaType", "correlationId", status, data)
SELECT gen_random_uuid(), 'OrderProcessingSaga', "idempotencyKey", 'completed', jsonb_build_object('orderId', id) FROM orders
WHERE length("idempotencyKey") = 32"""


def test_killed_in_its_midst_it_goes_on_and_doubles_nothing(binary, postgres):
    fill(postgres, "killed")
    postgres.ask("killed", MANY)
    source = f"postgres://{postgres.USER}@127.0.0.1:{postgres.port}/killed"
    first = subprocess.Popen([binary, "import", "--from", source], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while not (line := first.stderr.readline()).startswith("orders: "):
        assert line, "it ended before it imported an order"
    first.kill()
    first.wait()
    there = int(postgres.ask("killed", "SELECT count(DISTINCT correlation) FROM edda.events")[0][0])
    assert 0 < there < 4003, there
    done = run(binary, "import", "--from", source)
    assert done.returncode == 0 and "Imported 1 users, 4003 orders" in done.stdout, done.stdout + done.stderr
    assert postgres.ask("killed", "SELECT count(*), count(DISTINCT (stream, version)) FROM edda.events") == [["36030", "36030"]]


def test_a_time_zone_in_which_orders_are_of_the_future_is_refused(binary, postgres):
    fill(postgres, "elsewhere")
    source = f"postgres://{postgres.USER}@127.0.0.1:{postgres.port}/elsewhere"
    done = run(binary, "import", "--from", source, "--timezone", "Pacific/Honolulu")
    assert done.returncode == 2 and "orders of the future" in done.stderr, done.stdout + done.stderr


@pytest.mark.parametrize("into", ["folder", "database"])
def test_it_can_be_verified_and_gone_on_with_before_anything_is_served(binary, postgres, tmp_path, into):
    database = f"verified_{into}"
    fill(postgres, database)
    command = [binary, "import", "--from", f"postgres://{postgres.USER}@127.0.0.1:{postgres.port}/{database}"]
    command += ["--to", tmp_path / "data"] if into == "folder" else []
    environment = {} if into == "folder" else postgres.for_edda(database)
    for orders in (3, 23):
        done = run(*command)
        assert f"{orders} orders" in done.stdout, done.stdout + done.stderr
        assert done.returncode == 0, done.stdout + done.stderr
        done = run(binary, "verify", "--data", tmp_path / "data", environment=environment)
        assert done.returncode == 0, done.stdout + done.stderr
        if orders == 3:
            postgres.ask(database, MANY.replace("4000", "20"))
