"""Harm under load: pods of each kind are killed, all nodes are replaced one by one, a machine is drained. After each: every order that was
accepted is there and ends, none was accepted twice, every shard has an owner, and `edda verify` finds nothing."""

import threading
import time
import uuid

from kubernetes import Cluster, add_kubernetes_arguments
from scenario import Api, Scenario, main, spread

CLIENTS = 4
KINDS = {"edda": "app.kubernetes.io/component=node", "postgres": "app.kubernetes.io/name=postgres", "redis": "app.kubernetes.io/name=redis",
         "kafka": "app.kubernetes.io/name=kafka", "paysim": "app.kubernetes.io/name=paysim"}
HARMS = [f"kill-{kind}" for kind in KINDS] + ["restart", "undo", "drain"]


def arguments(parser):
    add_kubernetes_arguments(parser)
    parser.add_argument("--harms", default=",".join(HARMS), metavar="NAME,NAME", help="which (default: %(default)s)")
    parser.add_argument("--machine", default="", help="the machine to drain (default: that of the first node of Edda)")


class Load:
    """Clients that place orders and repeat under its key what was not answered with a decision."""

    def __init__(self, url, token):
        self.stopping = threading.Event()
        self.lock = threading.Lock()
        self.ids, self.repeated, self.refused, self.slowest = {}, 0, [], 0.0
        self.threads = [threading.Thread(target=self.work, args=(Api(url, token),)) for _ in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def work(self, api):
        while not self.stopping.wait(0.03):
            self.place(api)

    def place(self, api):
        key, began = uuid.uuid4().hex, time.monotonic()
        body = {"items": [{"productId": f"CHAOS-{key}", "productName": "The Prose Edda", "quantity": 1, "price": 10}],
                "shippingAddress": "1 Saga Street, Reykholt", "idempotencyKey": key}
        unheard = False  # a try may have been stored without its answer being heard
        while True:
            answer = api.post("/orders", body)
            order = answer.json().get("id") if answer.status == 201 else None
            if unheard and answer.status == 409:  # this route's answer to a repeated key: it names the order that stands
                order = answer.json().get("existingOrderId")
            unheard = unheard or answer.status in (0, 500, 502, 504)
            with self.lock:
                if order:
                    self.ids[order] = key
                    self.slowest = max(self.slowest, time.monotonic() - began)
                    return
                if answer.status not in (0, 429, 500, 502, 503, 504):
                    self.refused.append(f"{answer.status} {answer.text[:100]}")
                    return
                self.repeated += 1
            if time.monotonic() - began > 180:
                with self.lock:
                    self.refused.append("not answered within 180 s")
                return
            time.sleep(0.2)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def do(harm, cluster, scenario):
    if harm.startswith("kill-"):
        pod = sorted(cluster.pods(KINDS[harm[5:]]))[0]
        # SIGKILL after a second, and gone only when the machine says so. By force Kubernetes would not wait for that: then two servers of one
        # StatefulSet may run on one volume, which no database survives.
        cluster.k("delete", "pod", pod, "--grace-period=1")
    elif harm == "restart":
        cluster.k("rollout", "restart", "deployment/edda")
    elif harm == "undo":
        cluster.k("rollout", "undo", "deployment/edda")
    elif harm == "drain":
        machine = scenario.options.machine or cluster.get("pods", "--selector", KINDS["edda"])["items"][0]["spec"]["nodeName"]
        try:
            cluster.k("drain", machine, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=180s")
        finally:
            cluster.k("uncordon", machine)


def owners(cluster, deadline_s=60):
    """As Cluster.nodes, once the ready pods own everything or the time is up."""
    until = time.monotonic() + deadline_s
    while True:
        owned, shards = cluster.nodes()
        if time.monotonic() > until or (sum(owned.values()) == shards > 0 and owned.keys() == cluster.pods().keys()):
            return owned, shards
        time.sleep(0.5)


def one_harm(harm, cluster, scenario, customer):
    load = Load(scenario.options.url, customer.token)
    try:
        time.sleep(2)
        began = time.monotonic()
        do(harm, cluster, scenario)
        well = cluster.settled()
        seconds = time.monotonic() - began
        time.sleep(2)
    finally:
        load.stop()
    scenario.accepted += len(load.ids)
    scenario.check(f"{harm}: all of it is ready again", well, f"{seconds:.0f} s")
    scenario.check(f"{harm}: every order was decided", not load.refused and load.ids, f"{len(load.ids)} accepted, {load.repeated} requests repeated, slowest "
                   f"{load.slowest:.1f} s {' '.join(load.refused[:3])}")
    ended = scenario.wait_until_ended(customer, load.ids)
    scenario.check(f"{harm}: every accepted order is there and ends", None not in ended.values(), f"{sum(one is None for one in ended.values())} not")
    sagas = spread(lambda one: sum(event["type"] == "OrderCreated" for event in scenario.story(customer, one)), list(load.ids)[:200])
    scenario.check(f"{harm}: each was made once", set(sagas) <= {1} and len(set(load.ids.values())) == len(load.ids))
    owned, shards = owners(cluster)
    scenario.check(f"{harm}: the ready pods own all {shards} shards", sum(owned.values()) == shards > 0 and owned.keys() == cluster.pods().keys(), owned)
    scenario.check(f"{harm}: edda verify finds nothing", *cluster.verify())


def run():
    scenario = Scenario("k8s-chaos-test", __doc__, arguments)
    cluster = Cluster(scenario.options)
    customer = scenario.customer()
    for harm in scenario.options.harms.split(","):
        if harm.startswith("kill-") and not cluster.pods(KINDS[harm[5:]]):
            scenario.say(f"      {harm}: there is none here")
            continue
        one_harm(harm, cluster, scenario, customer)
    scenario.finish()


if __name__ == "__main__":
    main(run)
