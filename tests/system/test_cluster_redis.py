"""Three nodes whose duplicate filter is a Redis: it decides nothing, and its absence is not felt in what is true."""

import concurrent.futures

import pytest
import requests

from harness_client import fresh
from harness_cluster import Cluster
from harness_postgres import Postgres
from harness_redis import Redis
from harness_server import eventually
from process_load import User, wait_for_ends


@pytest.fixture(scope="module")
def world(binary, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cluster")
    postgres, redis = Postgres().start(), Redis(folder).start()
    with Cluster(binary, folder, postgres, environment=redis.for_edda(), paysim=("--success-rate", 1)) as cluster:
        yield cluster, redis
    redis.kill()
    postgres.stop()


def redis_of(node):
    components = requests.get(node.url + "/health/detailed", timeout=30).json()["components"]
    return next(component["status"] for component in components if component["name"] == "redis")


def place_at_once(cluster, user):
    """Five orders for one product at the same time, over all nodes; their statuses."""
    body = {"items": [{"productId": fresh("SOLD-OUT"), "productName": "The last one", "quantity": 1, "price": 19.99}],
            "shippingAddress": "1 Saga Street, Reykholt"}
    headers = {"Authorization": f"Bearer {user.token}"}

    def place(number):
        return requests.post(cluster.nodes[number % 3].url + "/orders", json=body, headers=headers, timeout=30).status_code
    with concurrent.futures.ThreadPoolExecutor(5) as crowd:
        return sorted(crowd.map(place, range(5)))


def test_one_of_five_gets_it(world):
    cluster, _ = world
    for node in cluster.nodes:
        eventually(lambda node=node: redis_of(node) == "up", "the Redis is seen")
    user = User(cluster.nodes[0].url)
    for _ in range(20):
        assert place_at_once(cluster, user) == [201, 409, 409, 409, 409]
    wait_for_ends(cluster.nodes[1].url, [user])


def test_without_redis_the_claims_decide(world):
    cluster, redis = world
    redis.kill()
    for node in cluster.nodes:
        eventually(lambda node=node: redis_of(node) == "degraded", "its absence is seen")
        assert node.is_ready()
    user = User(cluster.nodes[0].url)
    for _ in range(20):
        assert place_at_once(cluster, user) == [201, 409, 409, 409, 409]
    redis.start()
    for node in cluster.nodes:
        eventually(lambda node=node: redis_of(node) == "up", "it is found again", 30)
    assert place_at_once(cluster, user) == [201, 409, 409, 409, 409]
    wait_for_ends(cluster.nodes[2].url, [user])
