"""Three nodes that publish to Kafka, and leave charges to workers: Kafka is transport, and orders do not wait for it."""

import os
import subprocess

import pytest
import requests

from harness_cluster import Cluster, log_in, place
from harness_kafka import Kafka
from harness_paysim import SECRET
from harness_server import ADMIN, eventually
from process_commands import check_store
from process_load import User, wait_for_ends


@pytest.fixture(scope="module")
def kafka(tmp_path_factory):
    broker = Kafka(tmp_path_factory.mktemp("broker")).start()
    yield broker
    broker.stop()


def kafka_of(node):
    components = requests.get(node.url + "/health/detailed", timeout=30).json()["components"]
    return next(component["status"] for component in components if component["name"] == "kafka")


def lag_of(node):
    shards = requests.get(node.url + "/v1/shards", headers=log_in(node, **ADMIN), timeout=30).json()["shards"]
    return sum(shard["lag"] for shard in shards)


def place_some(cluster, count=12):
    user = User(cluster.nodes[0].url)
    headers = {"Authorization": f"Bearer {user.token}"}
    for number in range(count):
        place(cluster.nodes[number % 3], headers)
    orders = wait_for_ends(cluster.nodes[0].url, [user])
    assert [order["status"] for order in orders.values()] == ["paid"] * count


def test_the_log_is_published_and_orders_do_not_wait_for_it(binary, tmp_path, postgres, kafka):
    with Cluster(binary, tmp_path, postgres, environment={"KAFKA_BROKER": kafka.broker}, paysim=("--success-rate", 1)) as cluster:
        cluster.wait_for_fair_shares(cluster.nodes)
        place_some(cluster)
        eventually(lambda: lag_of(cluster.nodes[1]) == 0, "everything is published", 60, 0.2)
        assert all(kafka_of(node) == "up" for node in cluster.nodes)
        kafka.stop()
        place_some(cluster)
        assert lag_of(cluster.nodes[1]) > 0
        kafka.start()
        eventually(lambda: lag_of(cluster.nodes[2]) == 0, "what was committed meanwhile is published", 120, 0.2)
        check_store(cluster.nodes[0])


def test_workers_perform_the_charges(binary, tmp_path, postgres, kafka):
    steps = {"KAFKA_BROKER": kafka.broker} | {"EDDA_STEPS_PAYMENT_PROCESSING": "kafka"}
    with Cluster(binary, tmp_path, postgres, environment=steps, paysim=("--success-rate", 1)) as cluster:
        plain = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        known = {"KAFKA_BROKER": kafka.broker} | {"PAYMENT_GATEWAY_URL": cluster.paysim.url, "PAYMENT_GATEWAY_SECRET": SECRET}
        with (tmp_path / "worker.log").open("ab") as log, subprocess.Popen(
                [binary, "worker"], env=plain | known, stdin=subprocess.DEVNULL, stdout=log, stderr=log) as worker:
            try:
                cluster.wait_for_fair_shares(cluster.nodes)
                place_some(cluster)
                check_store(cluster.nodes[0])
            finally:
                worker.terminate()
                worker.wait(30)
