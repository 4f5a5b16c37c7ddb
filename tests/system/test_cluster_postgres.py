"""Three nodes on one PostgreSQL: any of them serves any order, and what a dead one leaves the others finish."""

import random
import signal
import time

import pytest
import requests

from harness_cluster import Cluster, log_in, place
from harness_server import ADMIN, eventually
from process_commands import check_store, run
from process_ledger import check_ledger
from process_load import Load, User, check_record, repeat_unanswered, wait_for_ends


@pytest.fixture
def cluster(binary, tmp_path, postgres):
    with Cluster(binary, tmp_path, postgres, paysim=("--success-rate", 1, "--latency-min-ms", 5, "--latency-max-ms", 20)) as started:
        yield started


def test_three_nodes_share_the_shards_and_serve_each_others_orders(cluster):
    cluster.wait_for_fair_shares(cluster.nodes)
    user = User(cluster.nodes[0].url)
    headers = {"Authorization": f"Bearer {user.token}"}
    placed = [place(cluster.nodes[number % 3], headers) for number in range(30)]
    for number, order in enumerate(placed):
        other = cluster.nodes[(number + 1) % 3]

        def paid(node=other, order_id=order["id"]):
            return requests.get(f"{node.url}/v1/orders/{order_id}", headers=headers, timeout=30).json()["status"] == "paid"
        eventually(paid, "another node shows it paid", 60)
    # New orders lie in shards of the node that took them, and it carried them to their ends.
    decided = cluster.ask("select node, count(distinct correlation) from edda.events where type = 'OrderCreated' group by node")
    assert {name: int(count) for name, count in decided} == {"node-1": 10, "node-2": 10, "node-3": 10}
    handed_on = cluster.ask("select count(*) from edda.events a join edda.events b on a.correlation = b.correlation"
                            " where a.type = 'OrderCreated' and b.type = 'OrderConfirmed' and a.node <> b.node")
    assert int(handed_on[0][0]) <= 3
    check_store(cluster.nodes[2])


def test_a_cancellation_may_go_to_any_node(cluster):
    cluster.wait_for_fair_shares(cluster.nodes)
    user = User(cluster.nodes[0].url)
    headers = {"Authorization": f"Bearer {user.token}"}
    order = place(cluster.nodes[0], headers)
    other = cluster.nodes[1]

    def cancel():
        etag = requests.get(f"{other.url}/v1/orders/{order['id']}", headers=headers, timeout=30).headers["ETag"]
        answer = requests.post(f"{other.url}/v1/orders/{order['id']}/cancel", json={"reason": "changed my mind"},
                               headers=headers | {"If-Match": etag}, timeout=30)
        assert answer.status_code in (202, 412), answer.text
        return answer.status_code == 202
    eventually(cancel, "the order stands still for a moment")
    ended = wait_for_ends(cluster.nodes[2].url, [user])
    assert ended[order["id"]]["status"] == "cancelled"


def test_a_killed_nodes_orders_are_finished_by_the_others(cluster):
    seed = time.time_ns()
    print(f"seed {seed}")
    cluster.wait_for_fair_shares(cluster.nodes)
    draw = random.Random(seed)
    users = [[User(node.url) for _ in range(2)] for node in cluster.nodes]
    for victim in range(2):
        loads = [Load(node, of_node, f"{seed}/{victim}/{number}").start()
                 for number, (node, of_node) in enumerate(zip(cluster.nodes, users))]
        time.sleep(draw.uniform(0.3, 0.8))
        cluster.nodes[victim].kill()
        killed = time.monotonic()
        cluster.wait_for_fair_shares([node for node in cluster.nodes if node.process.poll() is None])
        print(f"taken over after {time.monotonic() - killed:.2f} s")
        for load in loads:
            load.stopping.set()
        for load in loads:
            load.join()
        survivor = cluster.nodes[2]
        repeat_unanswered(survivor.url, [user for of_node in users for user in of_node])
        wait_for_ends(survivor.url, [user for of_node in users for user in of_node])
        cluster.nodes[victim].start()
        cluster.wait_for_fair_shares(cluster.nodes)
    everybody = [user for of_node in users for user in of_node]
    orders = check_record(cluster.nodes[0].url, everybody)
    check_store(cluster.nodes[0])
    cluster.paysim.stop()
    check_ledger(cluster.paysim.ledger, orders)


def load_on_all(cluster, seed):
    users = [[User(node.url) for _ in range(2)] for node in cluster.nodes]
    loads = [Load(node, of_node, f"{seed}/{number}").start() for number, (node, of_node) in enumerate(zip(cluster.nodes, users))]
    return [user for of_node in users for user in of_node], loads


def end(loads):
    for load in loads:
        load.stopping.set()
    for load in loads:
        load.join()


def check_all(cluster, users):
    repeat_unanswered(cluster.nodes[0].url, users)
    orders = check_record(cluster.nodes[0].url, users)
    check_store(cluster.nodes[0])
    cluster.paysim.stop()
    check_ledger(cluster.paysim.ledger, orders)


def test_a_node_that_stood_still_longer_than_its_lease_changes_nothing(cluster):
    cluster.wait_for_fair_shares(cluster.nodes)
    users, loads = load_on_all(cluster, "stood still")
    time.sleep(0.5)
    cluster.nodes[1].process.send_signal(signal.SIGSTOP)
    try:
        cluster.wait_for_fair_shares([cluster.nodes[0], cluster.nodes[2]])
    finally:
        cluster.nodes[1].process.send_signal(signal.SIGCONT)
    cluster.wait_for_fair_shares(cluster.nodes)
    end(loads)
    check_all(cluster, users)


def test_the_database_dies_and_comes_back(cluster):
    cluster.wait_for_fair_shares(cluster.nodes)
    users, loads = load_on_all(cluster, "the database")
    time.sleep(0.5)
    cluster.postgres.kill()
    time.sleep(2.5)
    cluster.postgres.start()
    cluster.wait_for_fair_shares(cluster.nodes)
    for node in cluster.nodes:
        eventually(node.is_ready, "it serves again", 30)
    end(loads)
    check_all(cluster, users)


def test_operators_see_who_owns_what(cluster):
    cluster.wait_for_fair_shares(cluster.nodes)
    headers = log_in(cluster.nodes[1], **ADMIN)

    def seen():
        # A shard may be between two owners at the moment of a look.
        nodes = requests.get(cluster.nodes[1].url + "/v1/nodes", headers=headers, timeout=30).json()["nodes"]
        return nodes if sorted(len(node["shards"]) for node in nodes) == [5, 5, 6] else None
    nodes = eventually(seen, "it has seen the even shares")
    assert [node["id"] for node in nodes] == ["node-1", "node-2", "node-3"]
    assert [node["answers"] for node in nodes] == [False, True, False]
    shards = requests.get(cluster.nodes[1].url + "/v1/shards", headers=headers, timeout=30).json()["shards"]
    assert sorted(number for node in nodes for number in node["shards"]) == [shard["shard"] for shard in shards] == list(range(16))
    assert all(shard["alive"] and shard["epoch"] > 0 and shard["since"] for shard in shards)
    done = run(cluster.nodes[0].binary, "nodes", "--data", cluster.nodes[0].folder / "data", environment=cluster.nodes[0].environment)
    assert done.returncode == 0 and all(name in done.stdout for name in ("node-1", "node-2", "node-3")), done


def test_a_stopped_node_hands_its_shards_over_at_once(cluster):
    cluster.wait_for_fair_shares(cluster.nodes)
    assert cluster.nodes[0].stop() == 0
    # It left nothing behind: its shards are nobody's or already another's.
    assert "node-1" not in cluster.owners()
    cluster.wait_for_fair_shares(cluster.nodes[1:])
    log_in(cluster.nodes[1], **ADMIN)
