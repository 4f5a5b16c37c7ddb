"""Operators at the command line: approvals, batches, actions, and the check of live sagas with and without a server."""

import json

import pytest
import requests

from conftest import CERTAIN
from harness_client import new_order
from harness_server import Server, eventually
from process_commands import check_store, run
from process_load import User

ABOVE = {"EDDA_ORDERS_APPROVAL_ABOVE": "1000"}


@pytest.fixture
def server(binary, tmp_path):
    with Server(binary, tmp_path, CERTAIN | ABOVE) as running:
        yield running


def edda(server, *arguments, status=0):
    done = run(server.binary, *arguments, "--data", server.folder / "data", "--json", environment=server.environment)
    assert done.returncode == status, done.stdout + done.stderr
    return json.loads(done.stdout) if status == 0 or done.stdout else json.loads(done.stderr)


def place(server, user, number):
    """An order above the limit; its saga's id."""
    response = requests.post(server.url + "/v1/orders", json=new_order(), timeout=20, headers={
        "Authorization": f"Bearer {user.token}", "Idempotency-Key": f"order-{number}"})
    assert response.status_code == 201, response.text
    return response.json()["saga_id"]


def state(server, saga):
    return edda(server, "saga", "get", saga)["state"]


def test_operators_at_the_command_line(server):
    user = User(server.url)
    sagas = [place(server, user, number) for number in range(5)]
    waiting = ["--at-step", "order_approval", "--reason", "a test"]

    assert edda(server, "saga", "check")["checked"] == 5
    said = edda(server, "saga", "signal", sagas[0], "order_approval", "--accept", "--reason", "known")
    assert said["id"] == sagas[0]
    eventually(lambda: state(server, sagas[0]) == "completed", "the approved order is charged")
    refused = edda(server, "saga", "resume", sagas[1], "--reason", "a mistake", status=1)
    assert refused["error"]["reason"] == "not_paused"
    assert edda(server, "saga", "pause", sagas[1], "--reason", "look at it")["state"] == "paused"
    stale = edda(server, "saga", "resume", sagas[1], "--if-version", "1", "--reason", "x", status=1)
    assert stale["error"]["reason"] == "version_conflict"

    preview = edda(server, "batch", "start", "cancel", *waiting, "--state", "started", status=2)
    assert preview["matching"] == 3
    edda(server, "batch", "start", "cancel", *waiting, "--state", "started", "--expected-count", "4", status=1)
    batch = edda(server, "batch", "start", "cancel", *waiting, "--state", "started", "--expected-count", "3")
    assert (batch["state"], batch["done"]) == ("completed", 3)
    assert [state(server, saga) for saga in sagas[2:]] == ["compensated"] * 3
    assert edda(server, "saga", "parked")["total"] == 0

    assert server.stop() == 0
    offline = edda(server, "saga", "check")
    assert (offline["ok"], offline["checked"], offline["lost"]) == (True, 1, [])
    check_store(server)
    server.start()
    assert state(server, sagas[1]) == "paused"
    edda(server, "saga", "resume", sagas[1], "--reason", "go on")
    edda(server, "saga", "signal", sagas[1], "order_approval", "--refuse", "--reason", "no")
    eventually(lambda: state(server, sagas[1]) == "compensated", "the refused order is cancelled")
    check_store(server)
