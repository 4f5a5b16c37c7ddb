"""Two processes under one node id: the second is refused while the first lives, and let in when it is gone."""

import pytest
import requests

from harness_cluster import Cluster
from harness_server import Server, eventually, free_port


@pytest.fixture
def cluster(binary, tmp_path, postgres):
    with Cluster(binary, tmp_path, postgres, size=1) as started:
        yield started


@pytest.fixture
def namesake(cluster, tmp_path):
    """Another process under the id of the cluster's only node, not started."""
    server = Server(cluster.nodes[0].binary, tmp_path / "namesake", cluster.nodes[0].environment, port=free_port())
    yield server
    if server.process and server.process.poll() is None:
        server.kill()


def lives(server):
    try:
        return requests.get(server.url + "/livez", timeout=5).status_code == 200
    except requests.RequestException:
        return False


def test_the_second_living_process_is_refused_and_changes_nothing(cluster, namesake):
    first = cluster.nodes[0]
    cluster.wait_for_fair_shares([first])
    epochs = cluster.ask("select shard, epoch from edda.shards order by shard")
    namesake.launch()
    assert namesake.process.wait(20) == 1
    said = namesake.log()
    assert "Another process serves this store as node-1, and is alive." in said and "NODE_ID" in said, said
    assert first.is_ready()
    assert cluster.ask("select shard, epoch from edda.shards order by shard") == epochs
    assert cluster.owners() == {"node-1": 16}


def test_after_sigterm_the_next_is_let_in_at_once(cluster, namesake):
    cluster.wait_for_fair_shares(cluster.nodes)
    assert cluster.nodes[0].stop() == 0
    namesake.start()
    assert "another process's" not in namesake.log(1000)
    cluster.wait_for_fair_shares([namesake])


def test_after_a_kill_the_next_waits_for_the_lease_and_says_so(cluster, namesake):
    cluster.wait_for_fair_shares(cluster.nodes)
    cluster.nodes[0].kill()
    # A long lease, so that the next one surely meets it.
    cluster.ask("update edda.nodes set alive_until = clock_timestamp() + interval '3 seconds'")
    namesake.launch()
    eventually(lambda: "waits until that one's lease has run out" in namesake.log(1000), "it says what it waits for")
    eventually(namesake.is_ready, "it is let in")
    cluster.wait_for_fair_shares([namesake])
    assert "is alive" not in namesake.log(1000)


def test_sigterm_ends_the_waiting_for_a_lease(cluster, namesake):
    cluster.nodes[0].kill()
    cluster.ask("update edda.nodes set alive_until = clock_timestamp() + interval '10 minutes'")
    namesake.launch()
    eventually(lambda: "waits until that one's lease has run out" in namesake.log(1000), "it says what it waits for")
    eventually(lambda: lives(namesake), "it says that it lives")
    assert requests.get(namesake.url + "/readyz", timeout=5).status_code == 503
    assert namesake.stop() == 0


def test_a_restart_after_a_kill_is_never_refused(cluster):
    node = cluster.nodes[0]
    for _ in range(3):
        cluster.wait_for_fair_shares([node])
        node.kill()
        node.start()
    cluster.wait_for_fair_shares([node])
