"""One whole cluster for all tests here: three nodes behind nginx, what they stand on, paysim; by ./run cluster's own script."""

import os
import pathlib

import pytest

from backing import BACKING
from harness_cluster_script import ClusterScript, nothing_runs
from harness_server import ADMIN

collect_ignore = [] if "kafka" in BACKING else ["test_feed.py"]
CERTAIN = "--success-rate=1,--latency-min-ms=5,--latency-max-ms=60"


@pytest.fixture(scope="session")
def binary():
    path = pathlib.Path(os.environ.get("EDDA_BIN", pathlib.Path(__file__).resolve().parents[2] / "build/release/edda")).resolve()
    assert path.exists(), f"there is no {path}; build it, or name one in EDDA_BIN"
    return str(path)


@pytest.fixture(scope="session")
def whole(binary):
    cluster = ClusterScript(binary, nodes=3, backing=",".join(BACKING), PAYSIM_ARGUMENTS=CERTAIN)
    cluster.environment["ADMIN_EMAIL"] = ADMIN["email"]
    secrets = cluster.folder / "cluster/secrets"
    secrets.mkdir(parents=True)
    (secrets / "admin").write_text(ADMIN["password"])
    (secrets / "admin").chmod(0o600)
    try:
        done = cluster.run("up")
        assert done.returncode == 0, done.stderr
        yield cluster
        assert cluster.run("down").returncode == 0 and nothing_runs(cluster)
    finally:
        cluster.remove()


@pytest.fixture
def cluster(whole):
    """All of it well, whatever a test before this one did to it."""
    done = whole.run("up")
    assert done.returncode == 0, done.stderr
    return whole
