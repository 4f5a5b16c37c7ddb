"""The store's feature level: raised by an administrator once every node has been upgraded, and not before."""

import json
import sqlite3

import pytest
import requests

from conftest import CERTAIN
from harness_cluster import Cluster, log_in
from harness_postgres import Postgres
from harness_server import ADMIN, Server, eventually
from process_commands import run

PATH = "/v1/admin/feature-level"


def edda(server, *arguments, status=0):
    done = run(server.binary, *arguments, "--data", server.folder / "data", "--json", environment=server.environment)
    assert done.returncode == status, done.stdout + done.stderr
    return json.loads(done.stdout) if status == 0 else json.loads(done.stderr)["error"]


def add_product(server, name, status=0):
    return edda(server, "product", "add", name, "--on-hand", "3", status=status)


def set_level(server, level):
    """As a store that an older release has made; while nobody serves it."""
    with sqlite3.connect(server.folder / "data" / "edda.sqlite3") as store:
        assert store.execute("update store set feature_level = ?", (level,)).rowcount == 1
    store.close()


def raise_and_look(server):
    assert add_product(server, "EARLY", status=1)["reason"] == "feature_level_too_low"
    seen = edda(server, "feature-level")
    assert (seen["level"], seen["raisable_to"]) == (1, 2)
    dry = edda(server, "feature-level", "--raise-to", "2", "--reason", "a look", "--dry-run")
    assert (dry["dry_run"], dry["from"], dry["to"]) == (True, 1, 2)
    assert edda(server, "feature-level")["level"] == 1
    raised = edda(server, "feature-level", "--raise-to", "2", "--reason", "all upgraded")
    assert (raised["dry_run"], raised["from"], raised["to"]) == (False, 1, 2)
    add_product(server, "LATE")
    assert edda(server, "feature-level", "--raise-to", "1", "--reason", "a mistake", status=1)["reason"] == "level_stands_higher"
    said = run(server.binary, "feature-level", "--data", server.folder / "data", environment=server.environment)
    assert "feature level 2" in said.stdout and "node-1" in said.stdout, said

    entries = requests.get(server.url + "/v1/audit?action=store.feature_level_raised", headers=log_in(server, **ADMIN),
                           timeout=30).json()["entries"]
    assert [(entry["reason"], entry["details"]) for entry in entries] == [("all upgraded", {"from": 1, "to": 2})]


def test_one_machine(binary, tmp_path):
    server = Server(binary, tmp_path, CERTAIN | {"NODE_ID": "node-1"})
    with server:
        assert edda(server, "feature-level") == {"level": 2, "newest": 2, "raisable_to": 2, "nodes": [{"id": "node-1", "newest": 2}]}
    set_level(server, 1)
    with server:
        raise_and_look(server)
    assert edda(server, "feature-level")["level"] == 2, "also without a server"
    set_level(server, 3)
    server.launch()
    assert server.process.wait(30) == 2, "a release that does not know the level does not start"
    assert "feature level 3" in server.log()


@pytest.fixture(scope="module")
def postgres():
    server = Postgres().start()
    yield server
    server.stop()


def test_two_nodes(binary, tmp_path, postgres):
    with Cluster(binary, tmp_path, postgres, size=2) as cluster:
        first, second = cluster.nodes
        cluster.ask("update edda.store set feature_level = 1")

        def refused():
            """The nodes hear of it when they look at the log."""
            done = run(second.binary, "product", "add", "EARLY", "--data", second.folder / "data", "--json", environment=second.environment)
            return "feature_level_too_low" in done.stderr
        eventually(refused, "the second node writes level 1 only")
        both = [{"id": "node-1", "newest": 2}, {"id": "node-2", "newest": 2}]
        assert edda(first, "feature-level") == {"level": 1, "newest": 2, "raisable_to": 2, "nodes": both}

        # A third node runs an older release.
        cluster.ask("insert into edda.nodes(node, alive_until, newest_level) values ('node-0', now() + interval '1 hour', 1)")
        answer = requests.post(first.url + PATH, json={"raise_to": 2, "reason": "too early"}, headers=log_in(first, **ADMIN), timeout=30)
        assert answer.status_code == 409, answer.text
        problem = answer.json()
        assert problem["code"] == "node_too_old" and "node-0 (knows 1)" in problem["detail"] and problem["next"], problem
        assert edda(second, "feature-level", "--raise-to", "2", "--reason", "too early", status=1)["reason"] == "node_too_old"
        assert edda(second, "feature-level")["raisable_to"] == 1
        assert cluster.ask("select feature_level from edda.store") == [["1"]]

        cluster.ask("delete from edda.nodes where node = 'node-0'")
        assert edda(first, "feature-level", "--raise-to", "2", "--reason", "all upgraded")["to"] == 2
        assert cluster.ask("select feature_level from edda.store") == [["2"]]

        def accepted():
            done = run(second.binary, "product", "add", "LATE", "--data", second.folder / "data", environment=second.environment)
            assert done.returncode == 0 or "feature_level" in done.stderr or "feature level" in done.stderr, done
            return done.returncode == 0
        eventually(accepted, "the second node hears that it may write level 2")
