"""Duplicates on Kubernetes: 10 orders for one product at once, 5 different ones at each pod, 20 duplicates at once over all pods."""

import itertools

from kubernetes import Cluster, add_kubernetes_arguments, reachable
from scenario import Api, Scenario, at_once, main


def run():
    scenario = Scenario("k8s-duplicate-order-test", __doc__, add_kubernetes_arguments)
    cluster = Cluster(scenario.options)
    customer = scenario.customer()
    # From within the cluster's network each pod can be asked by itself; from without there is the Service only.
    pods = {name: Api(f"http://{address}:3000", customer.token) for name, address in cluster.pods().items() if reachable(address)}
    scenario.say(f"{len(pods)} pods can be asked one by one" if pods else "no pod can be reached from here, so all goes to the Service")

    def duplicates(number, apis):
        product = scenario.fresh("DUPLICATE")
        answers = at_once([lambda api=api: scenario.order(api, product) for api in itertools.islice(itertools.cycle(apis), number)])
        won = [answer.json()["id"] for answer in answers if answer.status == 201]
        seen = sorted(answer.status for answer in answers)
        scenario.check(f"exactly 1 of {number} orders of one product succeeds", len(won) == 1 and seen.count(409) == number - 1, seen)
        return won

    ids = duplicates(10, [customer])
    for name, api in (pods or {"the Service": customer}).items():
        answers = at_once([lambda api=api: scenario.order(api, scenario.fresh("POD")) for _ in range(5)])
        taken = [answer.json()["id"] for answer in answers if answer.status == 201]
        scenario.check(f"{name} takes 5 different orders", len(taken) == 5, [answer.status for answer in answers])
        ids += taken
    ids += duplicates(20, list(pods.values()) or [customer])

    ended = scenario.wait_until_ended(customer, ids)
    scenario.check("every accepted order ends", None not in ended.values(), f"{len(ended)} orders")
    scenario.check("edda verify finds nothing", *cluster.verify())
    scenario.finish()


if __name__ == "__main__":
    main(run)
