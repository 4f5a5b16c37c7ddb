"""Harm under load: pods of each kind are killed, all nodes are replaced one by one, a machine is drained, a node is cut from PostgreSQL and from
Kafka, nodes are added and taken away, by hand and by the autoscaler. After each: every order that was accepted is there and ends, none was accepted or
charged twice, every shard has an owner, every event is published, and `edda verify` finds nothing."""

import time

from kubernetes import Cluster, add_kubernetes_arguments
from kubernetes_harms import HARMS, why_not
from kubernetes_load import Orders
from scenario import Scenario, main, spread

PAUSE_S = 0.03
PAUSES_S = {"autoscale": 0.3}  # most of the load is of another kind, and what serves the orders is to leave the machines to it


def harms(text):
    names = text.split(",")
    unknown = [name for name in names if name not in HARMS]
    if unknown:
        raise ValueError(unknown)
    return names


def arguments(parser):
    add_kubernetes_arguments(parser)
    parser.add_argument("--harms", type=harms, default=list(HARMS), metavar="NAME,NAME", help=f"which (default: {','.join(HARMS)})")
    parser.add_argument("--machine", default="", help="the machine to drain (default: that of the first node of Edda)")
    parser.add_argument("--cut", default="", metavar="COMMAND",
                        help="cuts a pod from a server and joins them again, called as COMMAND cut|mend POD SERVICE (with EDDA_NAMESPACE and KUBECTL in its "
                        "environment); how depends on the cluster's network (default: none, and cut-postgres and cut-kafka are not done)")


def counted(story):
    """How often the order was made, and charged."""
    types = [event["type"] for event in story]
    return types.count("OrderCreated"), types.count("PaymentProcessed")


def one_harm(harm, cluster, scenario, customer):
    with Orders(scenario.options.url, customer.token, PAUSES_S.get(harm, PAUSE_S)) as load:
        time.sleep(2)
        began = time.monotonic()
        HARMS[harm](cluster, scenario)
        well = cluster.settled()
        seconds = time.monotonic() - began
        time.sleep(2)
    scenario.accepted += len(load.ids)
    scenario.check(f"{harm}: all of it is ready again", well, f"{seconds:.0f} s")
    scenario.check(f"{harm}: every order was decided", not load.refused and load.ids, f"{len(load.ids)} accepted, {load.repeated} requests repeated, slowest "
                   f"{load.slowest:.1f} s {' '.join(load.refused[:3])}")
    ended = scenario.wait_until_ended(customer, load.ids)
    scenario.check(f"{harm}: every accepted order is there and ends", None not in ended.values(), f"{sum(one is None for one in ended.values())} not")
    stories = spread(lambda one: counted(scenario.story(customer, one)), list(load.ids)[:200])
    scenario.check(f"{harm}: each was made once, and charged once at most", {made for made, _ in stories} <= {1} and {charged for _, charged in stories} <= {0, 1}
                   and len(set(load.ids.values())) == len(load.ids))
    owned, shards = cluster.owned_by_all()
    scenario.check(f"{harm}: the ready pods own all {shards} shards", sum(owned.values()) == shards > 0 and owned.keys() == cluster.pods().keys(), owned)
    behind = cluster.feed_behind()
    scenario.check(f"{harm}: every event is published", behind == 0, f"{behind} not")
    scenario.check(f"{harm}: edda verify finds nothing", *cluster.verify())


def run():
    scenario = Scenario("k8s-chaos-test", __doc__, arguments)
    cluster = Cluster(scenario.options)
    customer = scenario.customer()
    not_run = {}
    for harm in scenario.options.harms:
        why = why_not(harm, cluster, scenario.options)
        if why:
            not_run[harm] = why
            scenario.say(f"      {harm}: not run: {why}")
            continue
        one_harm(harm, cluster, scenario, customer)
    scenario.facts["not_run"] = not_run
    scenario.finish()


if __name__ == "__main__":
    main(run)
