"""The Kubernetes scenarios one after the other: result and time of each."""

import json
import pathlib
import subprocess
import time

from kubernetes import Cluster, add_kubernetes_arguments
from scenario import Scenario, main

HERE = pathlib.Path(__file__).parent
SUITE = ["k8s-duplicate-order-test", "k8s-extended-load-test", "k8s-saga-analysis", "k8s-db-monitoring-test", "k8s-performance-monitoring"]


def arguments(parser):
    add_kubernetes_arguments(parser)
    parser.add_argument("--chaos", action="store_true", help="also k8s-chaos-test, which kills and drains (minutes)")


def run():
    scenario = Scenario("k8s-complete-test-suite", __doc__, arguments)
    options = scenario.options
    Cluster(options)
    for name in SUITE + ["k8s-chaos-test"] * options.chaos:
        begin = time.monotonic()
        done = subprocess.run([HERE / f"{name}.sh", "--url", options.url, "--patience", str(options.patience), "--namespace", options.namespace,
                               "--kubectl", options.kubectl, "--json"], capture_output=True, text=True, check=False)
        try:
            result = json.loads(done.stdout)
        except ValueError:
            result = {"passed": False, "checks": [], "orders_accepted": 0}
        wrong = "; ".join(f"{check['what']}: {check['detail']}" for check in result["checks"] if not check["ok"]) or done.stderr[-300:]
        scenario.accepted += result["orders_accepted"]
        scenario.check(f"{name:28} {time.monotonic() - begin:7.2f} s", done.returncode == 0 and result["passed"], wrong)
    scenario.finish()


if __name__ == "__main__":
    main(run)
