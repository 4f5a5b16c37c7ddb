"""One whole cluster for all tests here: three nodes behind nginx, what they stand on, paysim; by ./run cluster's own script. Between the
nodes and each server are fault proxies, a node's own to PostgreSQL."""

import os
import pathlib
import random

import pytest

from backing import BACKING
from harness_cluster_script import ClusterScript, nothing_runs
from harness_fault_proxy import FaultProxy
from harness_server import ADMIN
from topics import Topics
from under_load import run_under_load

CERTAIN = "--success-rate=1,--latency-min-ms=5,--latency-max-ms=60"


@pytest.fixture(scope="session")
def binary():
    path = pathlib.Path(os.environ.get("EDDA_BIN", pathlib.Path(__file__).resolve().parents[2] / "build/release/edda")).resolve()
    assert path.exists(), f"there is no {path}; build it, or name one in EDDA_BIN"
    return str(path)


@pytest.fixture(scope="session")
def seed():
    return int(os.environ.get("EDDA_SEED", random.SystemRandom().randrange(10**9)))


class WholeCluster(ClusterScript):
    """With its links: {server: fault proxies}."""

    def __init__(self, binary, seed):
        super().__init__(binary, nodes=3, backing=",".join(BACKING), PAYSIM_ARGUMENTS=CERTAIN)
        self.links, self.topics = {}, None
        for server in BACKING:
            of_server = [FaultProxy(binary, self.ports[f"{server.upper()}_PORT"], seed + number) for number in range(3 if server == "postgres" else 1)]
            self.links[server] = of_server
            self.environment[f"CLUSTER_{server.upper()}_VIA"] = ",".join(str(link.port) for link in of_server)
        self.environment["ADMIN_EMAIL"] = ADMIN["email"]
        secrets = self.folder / "cluster/secrets"
        secrets.mkdir(parents=True)
        (secrets / "admin").write_text(ADMIN["password"])
        (secrets / "admin").chmod(0o600)

    def heal(self):
        for link in [link for of_server in self.links.values() for link in of_server]:
            link.tell("pass")

    def remove(self):
        if self.topics:
            self.topics.close()
        super().remove()
        assert [link.stop() for of_server in self.links.values() for link in of_server] == [0] * sum(map(len, self.links.values()))


@pytest.fixture(scope="session")
def whole(binary, seed):
    cluster = WholeCluster(binary, seed)
    try:
        done = cluster.run("up")
        assert done.returncode == 0, done.stderr
        if "kafka" in BACKING:
            cluster.topics = Topics(cluster)
        yield cluster
        assert cluster.run("down").returncode == 0 and nothing_runs(cluster)
    finally:
        cluster.remove()


@pytest.fixture
def cluster(whole, seed):
    """All of it well, whatever a test before this one did to it."""
    print(f"EDDA_SEED={seed}")
    whole.heal()
    done = whole.run("up")
    assert done.returncode == 0, done.stderr
    return whole


@pytest.fixture
def under_load(cluster, seed):
    """under_load(harm): harm(load) while clients place orders; then everything is compared."""
    return lambda harm, **how: run_under_load(cluster, seed, harm, **how)
