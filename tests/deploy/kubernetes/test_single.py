"""overlays/single: one pod, SQLite on a volume."""

import json

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


def test_a_backup_is_the_whole_store_and_the_oldest_go(deployed):
    backups = deployed.folder("edda-backups")
    for night in range(1, 9):
        (backups / f"edda-2020010{night}T021700.000Z").mkdir()
    # What is said beside it may come first.
    made = next(line for line in deployed.run_now("edda-backup").splitlines() if line.startswith("/"))
    kept = sorted(one.name for one in backups.iterdir())
    assert len(kept) == 7 and kept[0] == "edda-20200103T021700.000Z" and made == f"/var/lib/edda-backups/{kept[-1]}", (made, kept)
    found = [json.loads(deployed.k("exec", "deploy/edda", "--", "bash", "-c", command).stdout)["checks"] for command in
             ("edda verify --json", f"cp -r {made} /tmp/restored && edda verify --json --data /tmp/restored")]
    orders = [next(check["checked"] for check in checks if check["name"] == "orders") for checks in found]
    assert orders[0] == orders[1] >= 76
