"""What the replaced system's scripts ask of its tables in PostgreSQL, asked of Edda's store: they read on, and change nothing."""

import subprocess

import pytest

from conftest import CERTAIN
from harness_client import Client, fresh
from harness_postgres import Postgres, program
from harness_server import Server, eventually
from process_commands import check_store

PUBLIC = "dbname=reports options='-c search_path=public'"  # as for any user who has not the name of our schema


@pytest.fixture(scope="module")
def postgres():
    server = Postgres().start()
    server.create("reports")
    yield server
    server.stop()


@pytest.fixture(scope="module")
def served(binary, postgres, tmp_path_factory):
    with Server(binary, tmp_path_factory.mktemp("reports"), postgres.for_edda("reports") | CERTAIN) as started:
        yield started


@pytest.fixture(scope="module")
def user(served, document):
    return Client(served, document).register()


@pytest.fixture(scope="module")
def orders(user):
    """By what became of them: the order and the product, both as a script knows them."""
    placed = {}
    for end, product in (("paid", fresh("SAGA_CORRECTED")), ("cancelled", fresh("PAYMENT_FAIL"))):
        order = user.place_old(product)["id"]
        eventually(lambda order=order, end=end: user.get(f"/orders/{order}").json()["status"] == end, f"the order is {end}", 60)
        placed[end] = (order, product)
    return placed


@pytest.fixture
def ask(postgres):
    return lambda query: postgres.ask(PUBLIC, query)


def test_counts(ask, orders):
    counts = ask("SELECT 'Current System State' as status, (SELECT COUNT(*) FROM orders) as total_orders,"
                 " (SELECT COUNT(*) FROM event_store) as total_events, (SELECT COUNT(*) FROM saga_instances) as total_sagas,"
                 " (SELECT COUNT(*) FROM payments) as total_payments, (SELECT COUNT(*) FROM users) as total_users;")
    assert counts == [["Current System State", "2", "6", "2", "2", "2"]]
    assert ask("SELECT status, COUNT(*) FROM orders GROUP BY status ORDER BY status") == [["paid", "1"], ["cancelled", "1"]]


def test_an_order_is_found_by_its_product(ask, orders):
    for _, product in orders.values():
        assert ask(f"SELECT COUNT(*) FROM orders WHERE items::text LIKE '%{product}%';") == [["1"]]
        assert ask(f"SELECT COUNT(*) FROM orders WHERE items::text LIKE '%\"productId\": \"{product}\"%'") == [["1"]]


def test_an_orders_events_and_saga_are_found_by_its_id(ask, orders):
    for end, types in (("paid", ["OrderCreated", "OrderConfirmed"]), ("cancelled", ["OrderCreated", "OrderCancelled"])):
        order, _ = orders[end]
        events = ask('SELECT "eventType", "aggregateType" FROM event_store '
                     f"WHERE \"aggregateId\" = '{order}' ORDER BY \"occurredAt\" ASC;")
        assert events == [[event, "Order"] for event in types]
        saga = ask(f"SELECT status, \"currentStep\" FROM saga_instances WHERE data::text LIKE '%{order}%' ORDER BY \"createdAt\" ASC;")
        assert saga == [["completed", "completed"] if end == "paid" else ["compensated", "compensated"]]
    failed = ask(f"SELECT status, \"failureReason\" FROM payments WHERE \"orderId\" = '{orders['cancelled'][0]}'")
    assert failed == [["failed", "Insufficient funds or card declined"]]


def test_sums_times_and_rows_by_number(ask, orders):
    assert ask("SELECT COUNT(*) as order_count, SUM(\"totalAmount\") as total_amount, ROUND(AVG(\"totalAmount\"), 2) FROM orders "
               "WHERE items::text LIKE '%SAGA_CORRECTED%';") == [["1", "39.98", "39.98"]]
    recent = ask("SELECT COUNT(*) FROM saga_instances WHERE \"createdAt\" > NOW() - INTERVAL '60 minutes' AND status = 'completed';")
    assert recent == [["1"]]
    assert ask("SELECT COUNT(*) FROM orders WHERE \"createdAt\" > NOW()") == [["0"]]
    assert ask("SET TimeZone = 'Asia/Seoul'; SELECT COUNT(*) FROM orders WHERE \"createdAt\" > NOW() - INTERVAL '60 minutes'")[-1] == ["2"]
    minutes = ask("SELECT DATE_TRUNC('minute', \"createdAt\") as minute_interval, COUNT(*) FROM orders GROUP BY 1 ORDER BY minute_interval;")
    assert sum(int(count) for _, count in minutes) == 2
    durations = ask("SELECT status, ROUND(AVG(EXTRACT(EPOCH FROM (\"updatedAt\" - \"createdAt\"))), 3) FROM saga_instances GROUP BY status")
    assert all(0 <= float(seconds) < 60 for _, seconds in durations)
    numbered = ask("WITH recent AS (SELECT id, ROW_NUMBER() OVER (ORDER BY \"createdAt\") AS sequence FROM orders) "
                   "SELECT id FROM recent ORDER BY sequence")
    assert [row[0] for row in numbered] == [orders["paid"][0], orders["cancelled"][0]]


def test_they_say_what_the_api_says(ask, user, orders):
    for order, _ in orders.values():
        shown = user.get(f"/trace/order/{order}").json()
        saga, payment = shown["sagas"][0], shown["payment"]
        assert ask(f"SELECT status, \"paymentId\" FROM orders WHERE id = '{order}'") == [[shown["order"]["status"], shown["order"]["paymentId"] or ""]]
        assert ask(f"SELECT id, status FROM payments WHERE \"orderId\" = '{order}'") == [[payment["id"], payment["status"]]]
        steps = [str(saga[name]).replace("'", '"') for name in ("completedSteps", "compensationSteps")]
        assert ask('SELECT id, status, "completedSteps", "compensationSteps", "errorMessage" FROM saga_instances '
                   f"WHERE \"correlationId\" = '{order}'") == [[saga["id"], saga["status"], *steps, saga["errorMessage"] or ""]]


def test_nobody_learns_a_secret(ask, user):
    assert ask("SELECT DISTINCT password, \"refreshToken\" FROM users") == [["not shown", ""]]


def test_a_script_that_empties_the_tables_is_told_what_to_do(postgres, orders, ask):
    script = "DELETE FROM orders; DELETE FROM event_store; DELETE FROM saga_instances; DELETE FROM payments;"
    told = subprocess.run([program("psql"), "-h", postgres.folder, "-p", str(postgres.port), "-U", postgres.USER, "-d", PUBLIC, "-c", script],
                          capture_output=True, text=True, check=False)
    assert told.returncode != 0
    assert 'No DELETE here: "orders" is a view' in told.stderr and "HINT:  An order is placed with POST /orders" in told.stderr, told.stderr
    assert ask("SELECT COUNT(*) FROM orders") == [["2"]]


def test_a_dump_of_the_database_brings_them_along(postgres, orders):
    dump, server = postgres.folder / "reports.dump", ("-h", postgres.folder, "-p", postgres.port, "-U", postgres.USER)
    postgres.run("pg_dump", *server, "--format=custom", f"--file={dump}", "reports")
    postgres.create("restored")
    postgres.run("pg_restore", *server, "-d", "restored", "--exit-on-error", dump)
    assert postgres.ask(PUBLIC.replace("reports", "restored"), "SELECT COUNT(*) FROM orders WHERE items IS NOT NULL") == [["2"]]


def test_a_store_of_a_release_without_the_views_gets_them_and_that_release_still_starts_on_it(served, orders, ask):
    served.stop()
    check_store(served)
    before = ask("SELECT max(number) FROM edda.schema_migrations")
    ask("DROP VIEW orders, payments, saga_instances, event_store, users; DROP VIEW edda.replaced_ids, edda.replaced_orders;"
        " DROP TYPE orders_status_enum, payments_status_enum, payments_method_enum, saga_instances_status_enum, users_role_enum, users_status_enum")
    served.start()
    assert ask("SELECT COUNT(*) FROM orders") == [["2"]]
    assert ask("SELECT max(number) FROM edda.schema_migrations") == before
    check_store(served)


def test_what_is_in_their_way_keeps_no_node_from_serving(binary, postgres, tmp_path):
    postgres.create("taken")
    postgres.ask("taken", "CREATE TYPE payments_method_enum AS ENUM ('barter')")
    with Server(binary, tmp_path, postgres.for_edda("taken")) as server:
        assert "the views for reports could not be made" in server.log()
    assert postgres.ask("taken", "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == [["0"]]
