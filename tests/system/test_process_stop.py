"""SIGTERM under load, a folder that is taken, pauses and restarts in the midst of sagas."""

import http.client
import json
import re
import signal
import socket
import time
from pathlib import Path

import pytest
import requests

from conftest import CERTAIN
from harness_client import new_order
from harness_server import Server, eventually, free_port
from process_commands import check_store, run
from process_ledger import check_ledger
from process_load import Caller, Load, Sent, User, administrators, check_record, wait_for_ends

SLOW_PAYMENTS = CERTAIN | {"EDDA_PAYMENT_LATENCY_MS_MIN": "1500", "EDDA_PAYMENT_LATENCY_MS_MAX": "1500"}


def place(url, user, count=1, declined=False):
    caller, placed = Caller(url, user), []
    for _ in range(count):
        sent = Sent(user, old=False, declined=declined)
        user.sent.append(sent)
        assert caller.place(sent).status_code == 201
        placed.append(sent)
    return placed


def order(url, sent):
    return Caller(url, sent.user).request("GET", f"/v1/orders/{sent.id}").json()


def test_terminated_under_load(binary, tmp_path):
    server = Server(binary, tmp_path, CERTAIN).start()
    users = [User(server.url) for _ in range(6)]
    load = Load(server, users, "terminated").start()
    eventually(lambda: len(load.statuses) > 100, "the load runs")
    assert server.stop() == 0
    load.stopping.set()
    load.join()
    assert 201 in load.statuses
    # Whoever is refused while the server drains is told so, or finds the connection closed; nobody is cut off in an answer.
    cut = [fault for fault in load.lost if "IncompleteRead" in repr(fault)]
    assert cut == []
    server.start()
    orders = check_record(server.url, users)
    check_store(server)
    assert server.stop() == 0
    check_ledger(tmp_path / "data" / "payments.ledger", orders)


def test_requests_under_way_are_answered(binary, tmp_path):
    """A request whose body is still coming when SIGTERM arrives; another connection waits idly. "100 Continue" tells that the head
    has been read, and the connection is not idle any more."""
    server = Server(binary, tmp_path, CERTAIN).start()
    user = User(server.url)
    idle = http.client.HTTPConnection("127.0.0.1", server.port, timeout=15)
    idle.request("GET", "/livez")
    idle.getresponse().read()
    body = json.dumps(new_order()).encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=15) as halfway:
        halfway.sendall(b"POST /v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        b"Idempotency-Key: halfway\r\nAuthorization: Bearer " + user.token.encode() +
                        b"\r\nExpect: 100-continue\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n")
        said = b""
        while not said.endswith(b"\r\n\r\n"):
            said += halfway.recv(1)
        assert said.startswith(b"HTTP/1.1 100"), said
        halfway.sendall(body[:20])
        server.process.send_signal(signal.SIGTERM)
        assert idle.sock.recv(1) == b"", "an idle connection is closed, without a byte"
        halfway.sendall(body[20:])
        answer = http.client.HTTPResponse(halfway)
        answer.begin()
        content = json.loads(answer.read())
        assert answer.status in (201, 503), content
        assert answer.getheader("Connection") == "close"
        assert halfway.recv(1) == b""
    assert server.process.wait(15) == 0
    server.start()
    again = requests.post(server.url + "/v1/orders", data=body, timeout=15, headers={
        "Authorization": f"Bearer {user.token}", "Idempotency-Key": "halfway", "Content-Type": "application/json"})
    assert again.status_code == 201
    if answer.status == 201:
        assert again.json()["id"] == content["id"] and again.headers["Idempotent-Replayed"] == "true"
    assert server.stop() == 0


def test_a_balancer_learns_of_a_stop_before_the_port_closes(binary, tmp_path):
    server = Server(binary, tmp_path, CERTAIN | {"EDDA_SERVER_STOP_DELAY_MS": "6000"}).start()
    user = User(server.url)
    assert requests.get(server.url + "/readyz", timeout=5).status_code == 200
    server.process.send_signal(signal.SIGTERM)
    # Each on a connection of its own, so the listener still accepts.
    eventually(lambda: requests.get(server.url + "/readyz", timeout=5).status_code == 503, "it says that it stops")
    assert requests.get(server.url + "/livez", timeout=5).status_code == 200
    placed = place(server.url, user)[0]
    assert server.process.wait(30) == 0
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url + "/readyz", timeout=5)
    server.start()
    assert order(server.url, placed)["id"] == placed.id
    assert server.stop() == 0


def test_the_program_names_its_commit(binary, tmp_path):
    with Server(binary, tmp_path, CERTAIN) as server:
        commit = requests.get(server.url + "/version", timeout=5).json()["commit"]
        from_git = Path(__file__).parents[2].joinpath(".git").exists()
        assert re.fullmatch("[0-9a-f]{40}" if from_git else "[0-9a-f]{40}|unknown", commit)


def test_stops_in_time_whatever_clients_do(binary, tmp_path):
    """Streams, half-sent heads and bodies that never come do not keep the server beyond its drain timeout."""
    server = Server(binary, tmp_path, CERTAIN | {"EDDA_SERVER_DRAIN_TIMEOUT_MS": "1000"}).start()
    user = User(server.url)
    stream = requests.get(server.url + "/v1/events/stream", stream=True, timeout=15,
                          headers={"Authorization": f"Bearer {user.token}"})
    with socket.create_connection(("127.0.0.1", server.port)) as head, \
            socket.create_connection(("127.0.0.1", server.port)) as whole_head:
        head.sendall(b"GET /livez HTTP/1.1\r\nHost: lo")
        whole_head.sendall(b"POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{")
        requests.get(server.url + "/livez", timeout=5)
        assert server.stop() == 0
    stream.close()


def test_a_folder_has_one_server(binary, tmp_path):
    server = Server(binary, tmp_path, CERTAIN).start()
    user = User(server.url)
    placed = place(server.url, user)[0]
    second = run(binary, "serve", "--data", tmp_path / "data", "--port", free_port(), environment=server.environment)
    assert second.returncode not in (0, 2)
    assert f"process {server.process.pid}" in second.stderr and "folder" in second.stderr
    assert "folder_locked" not in second.stdout
    # Commands for the folder go through the server that has it.
    for command in (["verify"], ["rebuild"], ["order", "get", placed.id], ["health"]):
        done = run(binary, *command, "--data", tmp_path / "data", environment=server.environment)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "No server runs" not in done.stderr
    assert requests.get(server.url + "/readyz", timeout=5).status_code == 200
    # A dead server's file misleads nobody.
    server.kill()
    assert (tmp_path / "data" / "server.json").exists()
    check_store(server)
    server.start()
    wait_for_ends(server.url, [user])
    assert server.stop() == 0
    assert not (tmp_path / "data" / "server.json").exists()


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_sagas_go_on_where_they_stood(binary, tmp_path, end):
    """Charges and refunds in flight, an order cancelled while it is charged, declines, and some that have ended."""
    server = Server(binary, tmp_path, CERTAIN).start()
    user = User(server.url)
    ended = place(server.url, user, 3) + place(server.url, user, 1, declined=True)
    wait_for_ends(server.url, [user])
    getattr(server, end)()

    server.environment |= SLOW_PAYMENTS
    server.start()
    caller, administrator = Caller(server.url, user), administrators(server.url)
    charging = place(server.url, user, 3)
    declining = place(server.url, user, 1, declined=True)
    cancelled_while_charged = place(server.url, user, 1)[0]
    assert caller.cancel(cancelled_while_charged).status_code == 202
    assert caller.cancel(ended[0]).status_code == 202
    states = {saga["state"] for saga in administrator.get_sagas()}
    assert {"started", "completed", "compensated"} <= states
    getattr(server, end)()

    server.start()
    orders = check_record(server.url, [user])
    assert {orders[sent.id]["status"] for sent in charging} == {"paid"}
    assert {orders[sent.id]["status"] for sent in [*declining, cancelled_while_charged, ended[0]]} == {"cancelled"}
    assert order(server.url, charging[0])["status"] == "paid"
    check_store(server)
    assert server.stop() == 0
    check_ledger(tmp_path / "data" / "payments.ledger", orders)


def test_paused_and_continued(binary, tmp_path):
    """A pause longer than every answer of the gateway: nothing is lost, nothing is charged twice."""
    server = Server(binary, tmp_path, CERTAIN | {"EDDA_PAYMENT_LATENCY_MS_MIN": "100",
                                                  "EDDA_PAYMENT_LATENCY_MS_MAX": "400"}).start()
    user = User(server.url)
    place(server.url, user, 10)
    for _ in range(3):
        server.process.send_signal(signal.SIGSTOP)
        time.sleep(0.7)  # What is tested is the pause itself.
        server.process.send_signal(signal.SIGCONT)
        place(server.url, user, 3)
    orders = check_record(server.url, [user])
    check_store(server)
    assert server.stop() == 0
    check_ledger(tmp_path / "data" / "payments.ledger", orders)
