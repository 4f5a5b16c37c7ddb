"""The scenarios on the whole cluster, through nginx and across the nodes."""

import json
import pathlib
import subprocess

SCENARIOS = pathlib.Path(__file__).resolve().parents[2] / "scenarios"


def scenario(name, cluster, *arguments):
    done = subprocess.run([SCENARIOS / f"{name}.sh", "--url", cluster.url, "--json", *arguments], capture_output=True, text=True, timeout=300,
                          env={"PATH": "/usr/bin:/bin"}, check=False)
    assert done.stdout, done.stderr
    result = json.loads(done.stdout)
    assert done.returncode == 0 and result["passed"], [check for check in result["checks"] if not check["ok"]]
    return result


def nodes_of(cluster):
    return ",".join(f"http://127.0.0.1:{port}" for port in cluster.node_ports)


def test_all_of_them_pass(cluster):
    result = scenario("run-all-tests", cluster, "--nodes", nodes_of(cluster))
    assert result["orders_accepted"] == 76


def test_one_of_five_succeeds_across_nodes(cluster):
    result = scenario("duplicate-order-test", cluster, "--rounds", "200", "--nodes", nodes_of(cluster))
    print(result["lock_ms"], result["accepted_ms"])


def test_nodes_share_what_comes_through_nginx(cluster):
    result = scenario("individual-order-test", cluster, "--orders", "1500", "--nodes", "3")
    print(result["accepted_by"])


def test_who_did_what(cluster):
    result = scenario("analyze-real-distribution", cluster, "--orders", "60")
    assert set(result["accepted_by"]) == {"node-1", "node-2", "node-3"}
    print(result["saga_ms"], result["hand_overs"])
