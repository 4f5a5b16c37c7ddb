"""Fixtures of the black-box tests: servers of the binary, and clients of them."""

import os
import pathlib

import pytest
import requests

from harness_client import Client
from harness_document import Document
from harness_postgres import Postgres
from harness_server import ADMIN, Server

# Whether a payment goes through must not be left to chance here; products that begin with PAYMENT_FAIL are always declined.
CERTAIN = {"EDDA_PAYMENT_SUCCESS_RATE": "1", "EDDA_PAYMENT_LATENCY_MS_MIN": "5", "EDDA_PAYMENT_LATENCY_MS_MAX": "20"}
SLOW = {"EDDA_PAYMENT_LATENCY_MS_MIN": "4000", "EDDA_PAYMENT_LATENCY_MS_MAX": "4000"}


@pytest.fixture(scope="session")
def binary():
    path = pathlib.Path(os.environ.get("EDDA_BIN", pathlib.Path(__file__).parents[2] / "build/release/edda")).resolve()
    assert path.exists(), f"there is no {path}; build it, or name one in EDDA_BIN"
    return str(path)


@pytest.fixture(scope="module")
def postgres():
    """A PostgreSQL that a module's tests share. Who stops it, or has it set up otherwise, makes his own."""
    server = Postgres().start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def start_server(binary, tmp_path_factory):
    """start_server(environment, arguments): a running server with its own data; all of them end with the session."""
    servers = []

    def start(environment=None, arguments=()):
        server = Server(binary, tmp_path_factory.mktemp("server"), CERTAIN | (environment or {}), arguments).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="session")
def server(start_server):
    """The server that most tests share; each test brings its own users and products."""
    return start_server()


@pytest.fixture(scope="session")
def document(server):
    return Document(requests.get(server.url + "/openapi.json", timeout=10).json())


@pytest.fixture(scope="session")
def anonymous(server, document):
    return Client(server, document)


@pytest.fixture(scope="session")
def admin(anonymous):
    return anonymous.log_in(**ADMIN)


@pytest.fixture
def customer(anonymous):
    """A customer of this test alone."""
    return anonymous.register()


@pytest.fixture
def stranger(anonymous):
    """Another customer, who must not see what `customer` has."""
    return anonymous.register()


@pytest.fixture(scope="session")
def with_role(anonymous, admin):
    """with_role(role): a new user who has it, signed in."""
    def make(role):
        user = anonymous.register()
        admin.patch(f"/v1/users/{user.user['id']}", {"role": role})
        return anonymous.log_in(user.user["email"], user.password)
    return make


@pytest.fixture(scope="session")
def slow(start_server, document):
    """Nobody yet, at a server whose payments take long enough to do something meanwhile."""
    return Client(start_server(SLOW), document)


@pytest.fixture(scope="session")
def operator(with_role):
    return with_role("operator")


@pytest.fixture(scope="session")
def merchant(with_role):
    return with_role("merchant")
