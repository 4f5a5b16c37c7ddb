"""100, 200 and 500 orders, 10 every 50 ms whatever the answers take: all are accepted and end; rates and percentiles of each."""

import time

from kubernetes import Cluster, add_kubernetes_arguments
from scenario import Scenario, main, milliseconds, percentile, steadily


def arguments(parser):
    add_kubernetes_arguments(parser)
    parser.add_argument("--stages", default="100,200,500", metavar="N,N", help="orders of each stage (default %(default)s)")
    parser.add_argument("--p99-ms", type=float, default=0, metavar="MS", help="what 99 of 100 answers may take at most (default: not judged)")


def a_stage(scenario, customer, orders):
    """All answers, and the seconds from the first request to the last answer."""
    began = time.monotonic()
    calls = [lambda number=number: scenario.order(customer, scenario.fresh(f"LOAD-{orders}-{number}")) for number in range(orders)]
    answers = steadily(calls, every_s=0.05, at_a_time=10)
    return answers, time.monotonic() - began


def run():
    scenario = Scenario("k8s-extended-load-test", __doc__, arguments)
    cluster = Cluster(scenario.options)
    customer = scenario.customer()
    for orders in map(int, scenario.options.stages.split(",")):
        answers, seconds = a_stage(scenario, customer, orders)
        taken = [answer for answer in answers if answer.status == 201]
        others = sorted({f"{answer.status} {answer.text[:80]}" for answer in answers if answer.status != 201})
        scenario.check(f"all of {orders} orders are accepted", len(taken) == orders, "; ".join([str(len(taken)), *others[:3]]))
        begin = time.monotonic()
        ended = scenario.wait_until_ended(customer, [answer.json()["id"] for answer in taken])
        scenario.check(f"all of {orders} end", None not in ended.values(), f"{time.monotonic() - begin:.1f} s after the last answer")
        times = {f"p{share}": milliseconds(percentile([answer.seconds for answer in taken], share / 100)) for share in (50, 95, 99)}
        scenario.fact(f"orders_{orders}", {"per_second": round(len(taken) / seconds, 1), **times})
        if scenario.options.p99_ms:
            scenario.check(f"99 of 100 answers within {scenario.options.p99_ms} ms", times["p99"] <= scenario.options.p99_ms, times["p99"])
    scenario.check("edda verify finds nothing", *cluster.verify())
    scenario.finish()


if __name__ == "__main__":
    main(run)
