"""30 orders at 10 a second, then 50 and 100 at once; of each the rate, the answers' and the sagas' percentiles and the nodes' shares. Meanwhile
CPU, memory and restarts of every pod, as metrics-server and the API tell them."""

import json
import threading
import time

from kubernetes import Cluster, add_kubernetes_arguments
from scenario import Scenario, at_once, main, milliseconds, percentile, shares, spread, steadily

SAMPLE_EVERY_S = 2


class Monitor(threading.Thread):
    """Looks at the pods until `stop`: the most CPU (cores) and memory (MiB) of each."""

    def __init__(self, cluster):
        super().__init__()
        self.cluster, self.ended, self.most, self.samples = cluster, threading.Event(), {}, 0
        self.start()

    def run(self):
        while not self.ended.is_set():
            self.look()
            self.ended.wait(SAMPLE_EVERY_S)

    def look(self):
        done = self.cluster.k("get", "--raw", f"/apis/metrics.k8s.io/v1beta1/namespaces/{self.cluster.namespace}/pods", check=False)
        for pod in json.loads(done.stdout)["items"] if done.returncode == 0 else []:
            cores = sum(quantity(one["usage"]["cpu"]) for one in pod["containers"])
            memory = sum(quantity(one["usage"]["memory"]) for one in pod["containers"]) / 2**20
            before = self.most.get(pod["metadata"]["name"], (0, 0))
            self.most[pod["metadata"]["name"]] = (max(before[0], round(cores, 3)), max(before[1], round(memory, 1)))
            self.samples += 1

    def stop(self):
        self.ended.set()
        self.join()


def quantity(text):
    """Kubernetes writes 1500n, 20m, 34816Ki."""
    units = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}
    unit = next((one for one in units if text.endswith(one)), "")
    return float(text.removesuffix(unit)) * units.get(unit, 1)


def a_stage(scenario, customer, name, orders, place):
    calls = [lambda number=number: scenario.order(customer, scenario.fresh(f"MONITOR-{name}-{number}")) for number in range(orders)]
    began = time.monotonic()
    answers = place(calls)
    seconds = time.monotonic() - began
    taken = [answer for answer in answers if answer.status == 201]
    scenario.check(f"{name}: all {orders} are accepted", len(taken) == orders, sorted({answer.status for answer in answers}))
    ids = [answer.json()["id"] for answer in taken]
    ended = scenario.wait_until_ended(customer, ids)
    scenario.check(f"{name}: all end", None not in ended.values())
    stories = [story for story in spread(lambda one: scenario.story(customer, one), ids) if story]
    sagas = [(story[-1]["at_us"] - story[0]["at_us"]) / 1e6 for story in stories]
    parts = {"per_second": round(len(taken) / seconds, 1)}
    for what, values in (("answer", [answer.seconds for answer in taken]), ("saga", sagas)):
        parts |= {f"{what}_p{share}_ms": milliseconds(percentile(values, share / 100)) for share in (50, 99)}
    scenario.fact(name, parts)
    scenario.fact(f"{name}_nodes", shares([story[0]["node"] for story in stories]))


def run():
    scenario = Scenario("k8s-performance-monitoring", __doc__, add_kubernetes_arguments)
    cluster = Cluster(scenario.options)
    customer = scenario.customer()
    before = cluster.restarts()
    monitor = Monitor(cluster)
    try:
        a_stage(scenario, customer, "light", 30, lambda calls: steadily(calls, every_s=0.1))
        a_stage(scenario, customer, "medium", 50, at_once)
        a_stage(scenario, customer, "heavy", 100, at_once)
    finally:
        monitor.stop()
    scenario.fact("pods", {name: f"{cores} cores {memory} MiB" for name, (cores, memory) in sorted(monitor.most.items())} if monitor.samples else
                  "no metrics-server tells what they take")
    after = cluster.restarts()
    scenario.check("no pod was restarted", all(after.get(name, count) == count for name, count in before.items()),
                   {name: count for name, count in after.items() if count != before.get(name, count)} or "")
    scenario.check("edda verify finds nothing", *cluster.verify())
    scenario.finish()


if __name__ == "__main__":
    main(run)
