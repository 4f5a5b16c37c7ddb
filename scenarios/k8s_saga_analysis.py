"""One order, then three at once, one of them with a payment that is declined: for each its saga's end and steps, its events in order, and that
order, payment and saga agree."""

from kubernetes import Cluster, add_kubernetes_arguments
from scenario import Scenario, at_once, main, milliseconds

PAID = ("paid", "completed", "completed", {"OrderCreated", "SagaStarted", "PaymentProcessed", "OrderConfirmed", "SagaCompleted"})
DECLINED = ("cancelled", "failed", "compensated", {"OrderCreated", "SagaStarted", "PaymentFailed", "OrderCancelled", "SagaCompensated"})
# A simulator declines some by chance.
ENDS = (PAID, DECLINED)


def analyse(scenario, customer, order_id, ends):
    trace = customer.get(f"/trace/order/{order_id}").json()
    story = scenario.story(customer, order_id)
    types = {event["type"] for event in story}
    final = trace.get("summary", {}).get("finalStatus", {})
    seen = (final.get("order"), final.get("payment"), final.get("saga"))
    fits = [end for end in ends if seen == end[:3] and end[3] <= types]
    scenario.check(f"{order_id}: order, payment, saga and events agree", len(fits) == 1, f"{', '.join(map(str, seen))}; {len(story)} events")
    scenario.check(f"{order_id}: one saga, its events ascend", trace.get("summary", {}).get("totalSagas") == 1
                   and all(one["at_us"] <= other["at_us"] for one, other in zip(story, story[1:])))
    saga = (trace.get("sagas") or [{}])[0]
    took = milliseconds((story[-1]["at_us"] - story[0]["at_us"]) / 1e6) if story else None
    scenario.say(f"      saga {saga.get('id')}: {saga.get('status')}, steps {', '.join(saga.get('completedSteps', []))}, "
                 f"undone {', '.join(saga.get('compensationSteps', [])) or 'none'}, {took} ms, nodes {', '.join(sorted({event['node'] for event in story}))}")
    return took


def run():
    scenario = Scenario("k8s-saga-analysis", __doc__, add_kubernetes_arguments)
    cluster = Cluster(scenario.options)
    customer = scenario.customer()
    products = [scenario.fresh("SAGA_NORMAL"), *[scenario.fresh(f"SAGA_CONCURRENT_{number}") for number in (1, 2)], scenario.fresh("PAYMENT_FAIL")]
    answers = [scenario.order(customer, products[0])]
    answers += at_once([lambda product=product: scenario.order(customer, product) for product in products[1:]])
    ids = [answer.json()["id"] for answer in answers if answer.status == 201]
    scenario.check("all 4 orders are accepted", len(ids) == 4, [answer.status for answer in answers])
    ended = scenario.wait_until_ended(customer, ids)
    scenario.check("all 4 end", None not in ended.values())
    took = [analyse(scenario, customer, one, [DECLINED] if product.startswith("PAYMENT_FAIL") else ENDS) for one, product in zip(ids, products)]
    scenario.fact("saga_ms", took)
    scenario.check("edda verify finds nothing", *cluster.verify())
    scenario.finish()


if __name__ == "__main__":
    main(run)
