"""`edda bench --suite cluster` on the cluster of these tests: that it measures, says all of it, and leaves the cluster whole."""

import json
import subprocess

from backing import BACKING

FIGURES = {"sagas_per_second", "pgbench_sagas_per_second", "sagas_over_pgbench", "turns_a_batch", "accepted_to_completed_ms", "place_to_completed_ms",
           "shares", "duplicates", "faultless", "node_bytes_max", "kill"}


def bench(cluster, folder, *arguments):
    return subprocess.run([cluster.environment["EDDA_BIN"], "bench", "--suite", "cluster", "--folder", folder, "--json", "-", *arguments],
                          env=cluster.environment, capture_output=True, text=True, timeout=240, check=False)


def test_a_quick_suite(cluster, tmp_path):
    done = bench(cluster, tmp_path, "--quick", "--cluster", cluster.folder / "cluster")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert FIGURES <= figures.keys()
    assert ("feed_delay_ms" in figures) == ("kafka" in BACKING)
    assert figures["duplicates"]["right"] == figures["duplicates"]["rounds"] == 30
    assert set(figures["shares"]["by_node"]) == {"node-1", "node-2", "node-3"}
    assert all(figures[name] > 0 for name in ("sagas_per_second", "pgbench_sagas_per_second", "turns_a_batch"))
    assert figures["accepted_to_completed_ms"]["count"] > 0
    assert all(server["state"] == "well" for server in cluster.status().values())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_a_cluster_is_refused(cluster, tmp_path):
    done = bench(cluster, tmp_path, "--cluster", tmp_path / "nothing")
    assert done.returncode == 1 and "No cluster was started in" in done.stderr, done.stderr
