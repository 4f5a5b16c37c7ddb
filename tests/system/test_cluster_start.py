"""What a node does whose servers are not there when it starts: it waits for its store, and does without the others."""

import pytest
import requests

from harness_cluster import Cluster, place
from harness_postgres import Postgres
from harness_server import eventually, free_port
from process_load import User, wait_for_ends


@pytest.fixture
def postgres():
    server = Postgres().start()
    yield server
    server.stop()


@pytest.fixture
def node(binary, tmp_path, postgres):
    """The only node of a cluster, not started; with it its gateway, which is."""
    cluster = Cluster(binary, tmp_path, postgres, size=1, paysim=("--success-rate", 1))
    cluster.paysim.start()
    yield cluster.nodes[0]
    cluster.__exit__()


def status(node, path):
    try:
        return requests.get(node.url + path, timeout=5).status_code
    except requests.RequestException:
        return None


def waits(node):
    assert node.process.poll() is None, node.log()
    return status(node, "/livez") == 200


def test_it_waits_for_its_database_and_says_so_once(node, postgres):
    postgres.kill()
    node.launch()
    eventually(lambda: waits(node), "it lives")
    assert status(node, "/readyz") == 503
    checks = requests.get(node.url + "/readyz?verbose", timeout=5).json()["checks"]
    assert [check["ok"] for check in checks] == [False] and "is starting" in checks[0]["detail"]
    refused = requests.post(node.url + "/v1/orders", json={}, timeout=5)
    assert refused.status_code == 503 and refused.headers["Retry-After"] == "1", refused.text
    assert status(node, "/") == 503 and status(node, "/orders/1/2/3") == 503
    postgres.start()
    eventually(node.is_ready, "it serves")
    assert node.log(1000).count("The database cannot be reached.") == 1
    user = User(node.url)
    place(node, {"Authorization": f"Bearer {user.token}"})
    assert [order["status"] for order in wait_for_ends(node.url, [user]).values()] == ["paid"]
    assert node.stop() == 0


def test_one_that_need_not_wait_opens_its_port_when_it_serves(node):
    """So that a balancer goes on to the next node meanwhile: it would pass a "starting" on to the client."""
    node.launch()
    assert eventually(lambda: status(node, "/version"), "it answers", every_s=0) == 200
    assert node.stop() == 0


def test_sigterm_ends_the_waiting(node, postgres):
    postgres.kill()
    node.launch()
    eventually(lambda: waits(node), "it lives")
    assert node.stop() == 0
    assert "Stopped before it had started." in node.log()


@pytest.mark.parametrize("wrong, setting", [({"DATABASE_NAME": "nowhere"}, "database.name"),
                                            ({"DATABASE_USER": "nobody"}, "database.user, database.password")])
def test_a_mistake_ends_it_at_once(node, wrong, setting):
    node.environment |= wrong
    node.launch()
    assert node.process.wait(20) == 2
    assert f"edda: {setting}: " in node.log(), node.log()


def test_neither_redis_nor_kafka_is_waited_for(node):
    node.environment |= {"REDIS_HOST": "127.0.0.1", "REDIS_PORT": str(free_port()), "KAFKA_BROKER": f"127.0.0.1:{free_port()}"}
    node.start()
    components = requests.get(node.url + "/health/detailed", timeout=30).json()["components"]
    assert {part["name"]: part["status"] for part in components}["kafka"] == "degraded"
    user = User(node.url)
    place(node, {"Authorization": f"Bearer {user.token}"})
    assert [order["status"] for order in wait_for_ends(node.url, [user]).values()] == ["paid"]
    assert node.stop() == 0
