"""overlays/single: one pod, SQLite on a volume."""

from lab import eventually

OVERLAY = "single"


def test_orders_survive_the_pod(deployed):
    deployed.scenario("run-all-tests")
    before = deployed.pods()[0]["metadata"]["name"]
    counted = [line for line in deployed.edda("verify").stdout.splitlines() if line.split()[1:2] == ["orders"]]
    deployed.k("delete", "pod", before, "--force", "--grace-period=0")
    deployed.k("rollout", "status", "deploy/edda", "--timeout=120s", timeout=150)
    assert eventually(lambda: deployed.pods()[0]["metadata"]["name"], "a pod") != before
    after = [line for line in deployed.edda("verify").stdout.splitlines() if line.split()[1:2] == ["orders"]]
    assert counted == after and "76" in after[0]
    deployed.scenario("individual-order-test")
