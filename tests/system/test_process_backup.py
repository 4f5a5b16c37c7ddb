"""`edda backup` of a store that is served under load; what comes of a data folder that is put back from it."""

import json
import re
import shutil
from pathlib import Path

import pytest
import requests

from conftest import CERTAIN
from harness_cluster import Cluster, log_in
from harness_postgres import Postgres
from harness_server import ADMIN, Server, eventually
from process_commands import check_store, run
from process_ledger import read_ledger
from process_load import Load, User, orders_of, wait_for_ends


def back_up(server, *arguments):
    done = run(server.binary, "backup", "--data", server.folder / "data", "--json", *arguments, environment=server.environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def page_of_log(server, cursor=None):
    query = {"limit": 5} | ({"cursor": cursor} if cursor else {})
    return requests.get(server.url + "/v1/events", params=query, headers=log_in(server, **ADMIN), timeout=30)


@pytest.fixture
def keeper(binary, tmp_path):
    """A server that backs up into `kept`, and does not outlive a test that fails."""
    server = Server(binary, tmp_path, CERTAIN | {"EDDA_SQLITE_BACKUPS": str(tmp_path / "kept")}).start()
    yield server
    if server.process.poll() is None:
        server.kill()


def test_a_backup_under_load_is_a_store_of_its_own(keeper, tmp_path):
    server = keeper
    users = [User(server.url) for _ in range(4)]
    load = Load(server, users, 1).start()
    eventually(lambda: load.statuses.count(201) >= 100, "orders are placed", 60)
    acknowledged = {sent.id for user in users for sent in user.sent if sent.id}
    told = back_up(server)
    load.stopping.set()
    load.join()
    cursor = page_of_log(server).json()["next_cursor"]
    assert page_of_log(server, cursor).status_code == 200
    assert server.stop() == 0

    folder = Path(told["folder"])
    assert folder.parent == tmp_path / "kept" and re.fullmatch(r"edda-\d{8}T\d{6}\.\d{3}Z", folder.name)
    assert sorted(file.name for file in folder.iterdir()) == ["edda.sqlite3", "payments.ledger"]
    assert told["store_bytes"] == (folder / "edda.sqlite3").stat().st_size
    assert folder.stat().st_mode & 0o077 == 0

    shutil.rmtree(tmp_path / "data")
    shutil.copytree(folder, tmp_path / "data")
    check_store(server)  # by a command, which leaves its generation to whoever serves it
    server.start()
    standing = {order["id"] for user in users for order in orders_of(server.url, user)}
    assert acknowledged <= standing
    wait_for_ends(server.url, users)
    keys = [entry.key for entry in read_ledger(tmp_path / "data" / "payments.ledger")]
    assert len(keys) == len(set(keys)), "what was under way when the copy was made is not done twice"
    assert page_of_log(server, cursor).status_code == 400, "a cursor of the store as it was before"
    check_store(server)
    assert back_up(server)["folder"] != told["folder"]
    assert server.stop() == 0


def test_without_a_server_and_into_a_folder_that_cannot_be(binary, tmp_path):
    server = Server(binary, tmp_path, CERTAIN)
    with server:
        pass
    folder = Path(back_up(server)["folder"])
    assert folder.parent == (tmp_path / "data" / "backups")
    (tmp_path / "file").write_text("")
    failed = run(binary, "backup", "--data", tmp_path / "data", "--json",
                 environment=server.environment | {"EDDA_SQLITE_BACKUPS": str(tmp_path / "file")})
    assert failed.returncode == 1 and "cannot be written" in failed.stderr, failed


@pytest.fixture(scope="module")
def postgres():
    server = Postgres().start()
    yield server
    server.stop()


def test_postgres_is_backed_up_by_its_own_means(binary, tmp_path, postgres):
    with Cluster(binary, tmp_path, postgres, size=1) as cluster:
        node = cluster.nodes[0]
        refused = run(binary, "backup", "--data", node.folder / "data", environment=node.environment)
        assert refused.returncode == 1 and "pg_dump" in refused.stderr, refused
