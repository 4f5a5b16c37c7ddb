"""Commands that look at a store in PostgreSQL where no server runs: they find what is there, and change nothing."""

import json

import pytest
import requests

from conftest import CERTAIN
from harness_client import Client
from harness_cluster import Cluster, place
from harness_server import Server, eventually
from process_commands import check_store, run
from process_load import User


@pytest.fixture(scope="module")
def stopped(binary, postgres, tmp_path_factory, document):
    """A server that took an order and ended."""
    postgres.create("stopped")
    with Server(binary, tmp_path_factory.mktemp("stopped"), postgres.for_edda("stopped") | CERTAIN) as server:
        user = Client(server, document).register()
        order = user.place_old()["id"]
        eventually(lambda: user.get(f"/orders/{order}").json()["status"] == "paid", "the order is paid", 60)
        server.stop()
        yield server


def test_verify_looks_at_the_whole_store(stopped):
    report = check_store(stopped)
    assert next(check for check in report["checks"] if check["name"] == "orders")["checked"] == 1, report


def test_saga_check_loads_every_live_saga(stopped):
    done = run(stopped.binary, "saga", "check", "--data", stopped.folder / "data", environment=stopped.environment)
    assert done.returncode == 0, done.stdout + done.stderr


def test_they_leave_no_node_and_take_no_shard(stopped, postgres):
    query = "select count(*) from edda.nodes union all select sum(epoch) from edda.shards"
    before = postgres.ask("stopped", query)
    check_store(stopped)
    assert postgres.ask("stopped", query) == before


def test_verify_looks_beside_a_node_at_work(binary, tmp_path, postgres):
    with Cluster(binary, tmp_path, postgres, size=1, paysim=("--success-rate", 1)) as cluster:
        node = cluster.nodes[0]
        headers = {"Authorization": f"Bearer {User(node.url).token}"}
        order = place(node, headers)["id"]
        before = cluster.ask("select node, incarnation from edda.nodes union all select owner, null from edda.shards order by 1, 2")
        done = run(binary, "verify", "--data", tmp_path / "elsewhere", environment=node.environment)
        assert done.returncode == 0, done.stdout + done.stderr

        def paid():
            return requests.get(f"{node.url}/v1/orders/{order}", headers=headers, timeout=30).json()["status"] == "paid"
        eventually(paid, "the node's order is paid", 60)
        assert cluster.ask("select node, incarnation from edda.nodes union all select owner, null from edda.shards order by 1, 2") == before


def test_verify_finds_what_is_wrong(stopped, postgres):
    postgres.ask("stopped", "update edda.order_view set total_minor = total_minor + 1")
    done = run(stopped.binary, "verify", "--data", stopped.folder / "data", "--json", environment=stopped.environment)
    postgres.ask("stopped", "update edda.order_view set total_minor = total_minor - 1")
    report = json.loads(done.stdout)
    assert done.returncode == 1 and not next(check for check in report["checks"] if check["name"] == "views")["ok"], report


def test_a_database_without_a_store_stays_without(binary, tmp_path, postgres):
    postgres.create("nothing")
    done = run(binary, "verify", "--data", tmp_path / "data", environment=postgres.for_edda("nothing"))
    assert done.returncode != 0 and "There is no store in this database" in done.stderr, done.stderr
    assert postgres.ask("nothing", "select count(*) from pg_namespace where nspname = 'edda'") == [["0"]]
    assert postgres.ask("nothing", "select count(*) from pg_class where relnamespace = 'public'::regnamespace") == [["0"]]


def test_a_store_of_an_older_release_is_not_brought_up_to_date_by_the_way(stopped, postgres):
    newest = postgres.ask("stopped", "select max(number) from edda.schema_migrations")[0][0]
    postgres.ask("stopped", f"delete from edda.schema_migrations where number = {newest}")
    done = run(stopped.binary, "verify", "--data", stopped.folder / "data", environment=stopped.environment)
    assert done.returncode != 0 and "edda migrate" in done.stderr, done.stderr
    postgres.ask("stopped", f"insert into edda.schema_migrations select {newest} + 1, 'of a later release'")
    done = run(stopped.binary, "verify", "--data", stopped.folder / "data", environment=stopped.environment)
    assert done.returncode != 0 and "newer Edda" in done.stderr, done.stderr


def test_it_says_why_it_cannot(binary, tmp_path):
    environment = {"DATABASE_HOST": "127.0.0.1", "DATABASE_PORT": "1", "DATABASE_USER": "edda", "DATABASE_PASSWORD": "not needed here"}
    done = run(binary, "verify", "--data", tmp_path / "data", environment=environment)
    assert done.returncode != 0 and "edda: " in done.stderr and "not needed here" not in done.stderr, done.stderr
