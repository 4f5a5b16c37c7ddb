"""`./run cluster` as a script: what it says is so. One node with an embedded store stands for the three."""

import os
import signal
import socket

import pytest
import requests

from harness_cluster_script import ClusterScript, nothing_runs
from harness_server import eventually


@pytest.fixture
def cluster(binary):
    script = ClusterScript(binary)
    yield script
    script.remove()


@pytest.fixture
def running(cluster):
    done = cluster.run("up")
    assert done.returncode == 0, done.stderr
    return cluster


def test_up_is_up_and_says_what_to_open(cluster):
    assert cluster.run("status").returncode == 1
    done = cluster.run("up")
    assert done.returncode == 0, done.stderr
    assert cluster.url in done.stdout and "secrets/admin" in done.stdout
    assert requests.get(cluster.url + "/readyz", timeout=5).status_code == 200
    assert cluster.run("status").returncode == 0
    assert [server["state"] for server in cluster.status().values()] == ["well"] * 3


def test_a_second_up_changes_nothing(running):
    before = running.status()
    assert running.run("up").returncode == 0
    assert running.status() == before


def test_down_leaves_nothing_and_up_finds_its_data_again(running):
    password = (running.folder / "cluster/secrets/admin").read_text()
    assert running.run("down").returncode == 0
    assert running.processes() == [] and running.run("status").returncode == 1
    assert running.run("down").returncode == 0
    assert running.run("up").returncode == 0
    assert requests.post(running.url + "/auth/login", json={"email": "admin@edda.local", "password": password.strip()},
                         timeout=10).status_code == 200


def test_what_died_is_told_and_started_again(running):
    running.kill("node-1")
    assert running.status()["node-1"]["state"] == "stopped" and running.run("status").returncode == 1
    assert running.run("up").returncode == 0
    assert running.run("status").returncode == 0
    running.kill("nginx")  # its worker lives on and has the port
    done = running.run("up")
    assert done.returncode == 0, done.stderr
    assert running.run("status").returncode == 0


def test_what_hangs_is_not_well(running):
    running.kill("node-1", signal.SIGSTOP)
    assert running.status()["node-1"]["state"] == "unwell"
    assert running.run("down").returncode == 0 and nothing_runs(running)


def test_down_finds_what_a_killed_script_and_killed_masters_left(cluster):
    script = cluster.begin("up")
    eventually(lambda: any("serve" in command for _, command in cluster.processes()), "a node runs")
    os.killpg(script.pid, signal.SIGKILL)
    script.wait()
    assert cluster.run("down").returncode == 0 and nothing_runs(cluster)

    assert cluster.run("up").returncode == 0
    cluster.kill("nginx")  # its worker lives on
    for file in (cluster.folder / "cluster/run").glob("*.pid"):
        file.unlink()
    assert cluster.processes() != []
    assert cluster.run("down").returncode == 0 and nothing_runs(cluster)


def test_a_taken_port_is_named(cluster):
    with socket.socket() as other:
        other.bind(("127.0.0.1", cluster.node_ports[0]))
        other.listen()
        done = cluster.run("up")
    assert done.returncode == 1 and str(cluster.node_ports[0]) in done.stderr and "node-1" in done.stderr


def test_a_node_that_cannot_start_is_no_cluster(cluster):
    done = cluster.run("up", EDDA_LANES_QUEUE_MAX="none at all")
    assert done.returncode == 1 and "lanes.queue_max" in done.stderr and "node-1 is not well" in done.stderr


def test_other_settings_wait_for_down(running):
    done = running.run("up", CLUSTER_PAYSIM_PORT="1")
    assert done.returncode == 1 and "down" in done.stderr
    assert running.run("status").returncode == 0


def test_a_gateway_of_ones_own_takes_the_place_of_paysim(cluster):
    cluster.environment["PAYMENT_GATEWAY_URL"] = "http://127.0.0.1:1"
    assert cluster.run("up").returncode == 0
    del cluster.environment["PAYMENT_GATEWAY_URL"]
    assert list(cluster.status()) == ["node-1", "nginx"]


def test_as_root_the_servers_are_not(running):
    if os.geteuid() == 0:
        owners = {os.stat(f"/proc/{process}").st_uid for process, _ in running.processes()}
        assert owners and 0 not in owners


def test_secrets_are_the_servers_own(running):
    secrets = running.folder / "cluster/secrets"
    assert secrets.stat().st_mode & 0o077 == 0
    assert all(file.stat().st_mode & 0o077 == 0 for file in secrets.iterdir())


@pytest.mark.parametrize("arguments", [[], ["sideways"], ["up", "now"], ["status", "--all"]])
def test_what_it_does_not_know_it_does_not_do(cluster, arguments):
    done = cluster.run(*arguments)
    assert done.returncode == 2 and "up | status" in done.stderr
