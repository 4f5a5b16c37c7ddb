"""A standby takes over that had not got the end of the log: the nodes begin anew on a store of another generation."""

import pytest
import requests

from harness_cluster import Cluster, place
from harness_postgres import Postgres
from harness_server import eventually
from process_commands import check_store
from process_load import User, wait_for_ends


@pytest.fixture
def postgres():
    server = Postgres().start()
    yield server
    server.stop()


def generation(cluster):
    return cluster.ask("select generation from edda.store")[0][0]


def place_on_all(cluster, user):
    headers = {"Authorization": f"Bearer {user.token}"}
    return [place(node, headers)["id"] for node in cluster.nodes]


def test_the_nodes_go_on_after_a_fail_over_that_lost_the_tail(binary, tmp_path, postgres):
    with Cluster(binary, tmp_path, postgres, paysim=("--success-rate", 1)) as cluster:
        cluster.wait_for_fair_shares(cluster.nodes)
        user = User(cluster.nodes[0].url)
        headers = {"Authorization": f"Bearer {user.token}"}
        kept = place_on_all(cluster, user)
        wait_for_ends(cluster.nodes[0].url, [user])
        before = generation(cluster)
        postgres.make_standby()
        lost = place_on_all(cluster, user)
        wait_for_ends(cluster.nodes[0].url, [user])
        postgres.kill()
        postgres.fail_over()
        for node in cluster.nodes:
            eventually(node.is_ready, "it serves again", 60)
        cluster.wait_for_fair_shares(cluster.nodes)
        after = generation(cluster)
        assert after != before
        for node in cluster.nodes:
            assert [requests.get(f"{node.url}/v1/orders/{number}", headers=headers, timeout=30).status_code
                    for number in kept + lost] == [200] * 3 + [404] * 3
        later = place_on_all(cluster, user)
        ended = wait_for_ends(cluster.nodes[1].url, [user])
        assert {number: ended[number]["status"] for number in kept + later} == dict.fromkeys(kept + later, "paid")
        assert generation(cluster) == after, "it changed once for all nodes"
        check_store(cluster.nodes[0])
