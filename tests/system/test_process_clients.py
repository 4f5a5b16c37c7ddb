"""Slow clients and thousands of idle connections: limits hold, memory stays flat, everybody else is served."""

import resource
import socket
import time

import pytest
import requests

from conftest import CERTAIN
from harness_client import new_order
from harness_server import Server
from process_load import User

IDLE = 3000
BYTES_PER_CONNECTION = 64 * 1024


def resident_bytes(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS:"))


def connect(server, count):
    return [socket.create_connection(("127.0.0.1", server.port), timeout=20) for _ in range(count)]


def answer_of(connection):
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(4096)
        if not piece:
            return received
        received += piece
    return received


@pytest.fixture(scope="module", autouse=True)
def enough_descriptors():
    """For this process, and for the servers that inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard < 8192 else max(soft, 8192), hard))


@pytest.fixture
def server(binary, tmp_path):
    """Waits long for what a crowd sends: a slow machine takes its time to connect thousands."""
    with Server(binary, tmp_path, CERTAIN | {"EDDA_HTTP_CONNECTIONS_MAX": str(IDLE + 100),
                                             "EDDA_HTTP_HEAD_TIMEOUT_MS": "60000"}) as running:
        yield running


@pytest.fixture
def impatient(binary, tmp_path):
    with Server(binary, tmp_path, CERTAIN | {"EDDA_HTTP_HEAD_TIMEOUT_MS": "2000", "EDDA_HTTP_BODY_TIMEOUT_MS": "2000"}) as running:
        yield running


def place(server, user):
    return requests.post(server.url + "/v1/orders", json=new_order(), timeout=20, headers={
        "Authorization": f"Bearer {user.token}", "Idempotency-Key": f"key-{time.monotonic_ns()}"}).status_code


def test_idle_connections_cost_little(server):
    user = User(server.url)
    before = resident_bytes(server)
    idle = connect(server, IDLE)
    for connection in idle:
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
    for connection in idle:
        assert answer_of(connection).startswith(b"HTTP/1.1 200")
    assert [place(server, user) for _ in range(20)] == [201] * 20
    assert resident_bytes(server) - before < IDLE * BYTES_PER_CONNECTION
    for connection in idle:
        connection.close()
    assert place(server, user) == 201


def test_too_many_connections(server):
    user = User(server.url)
    crowd = connect(server, IDLE + 300)
    refused = 0
    for connection in crowd:
        try:
            connection.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            refused += not answer_of(connection).startswith(b"HTTP/1.1 200")
        except ConnectionError:
            refused += 1
    assert 200 <= refused <= 300
    for connection in crowd:
        connection.close()
    assert place(server, user) == 201


def test_slow_heads_and_bodies_are_ended(impatient):
    user = User(impatient.url)
    heads, bodies = connect(impatient, 200), connect(impatient, 200)
    for connection in heads:
        connection.sendall(b"POST /auth/login HTTP/1.1\r\nHost: lo")
    for connection in bodies:
        connection.sendall(b"POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                           b"Content-Length: 1000\r\n\r\n{")
    assert place(impatient, user) == 201
    for connection in heads + bodies:
        answer = answer_of(connection)
        assert answer == b"" or answer.startswith(b"HTTP/1.1 408"), answer
        connection.close()


def test_readers_that_do_not_read(server):
    """Pipelined requests whose answers nobody takes: the server stops reading, and keeps neither."""
    user = User(server.url)
    before = resident_bytes(server)
    greedy = connect(server, 50)
    request = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for connection in greedy:
        connection.setblocking(False)
        try:
            for _ in range(2000):
                connection.send(request)
        except BlockingIOError:
            pass
    assert [place(server, user) for _ in range(20)] == [201] * 20
    assert resident_bytes(server) - before < 64 * 1024 * 1024
    for connection in greedy:
        connection.close()
