"""Unique, duplicate and declined orders, all mixed at the same instant: each kind ends as it must, beside the others."""

import random

from scenario import Scenario, at_once, main

DUPLICATED = {"A": 3, "B": 4, "C": 5}  # how often each is ordered
UNIQUE, DECLINED = 5, 3


def run():
    scenario = Scenario("mixed-order-test-fixed", __doc__)
    customer = scenario.customer()
    duplicated = {scenario.fresh(f"PRODUCT_{letter}"): times for letter, times in DUPLICATED.items()}
    unique = [scenario.fresh(f"UNIQUE_{letter}") for letter in "ABCDE"[:UNIQUE]]
    declined = [scenario.fresh("PAYMENT_FAIL") for _ in range(DECLINED)]
    orders = [product for product, times in duplicated.items() for _ in range(times)] + unique + declined
    random.shuffle(orders)
    scenario.say(f"{len(orders)} orders at once at {scenario.options.url}: 3 products 3 to 5 times, {UNIQUE} once, {DECLINED} whose payment is declined")
    answers = at_once([lambda product=product: scenario.order(customer, product) for product in orders])
    got = {product: [answer for ordered, answer in zip(orders, answers) if ordered == product] for product in set(orders)}

    def accepted(product):
        return [answer.json()["id"] for answer in got[product] if answer.status == 201]

    for product, times in duplicated.items():
        statuses = sorted(answer.status for answer in got[product])
        scenario.check(f"exactly 1 of {times} orders of {product} succeeds", statuses == [201] + [409] * (times - 1), statuses)
    scenario.check("every unique order is accepted", all(len(accepted(product)) == 1 for product in unique))
    scenario.check("every order that will be declined is accepted", all(len(accepted(product)) == 1 for product in declined))

    ids = [order_id for product in got for order_id in accepted(product)]
    ended = scenario.wait_until_ended(customer, ids)
    scenario.check("every order ends", None not in ended.values(), f"{len(ended)} orders")
    failed = [ended[order_id] for product in declined for order_id in accepted(product)]
    scenario.check("an order whose payment is declined is cancelled", failed == ["cancelled"] * DECLINED, failed)
    wrong = [text for order_id, status in ended.items() if (text := contradiction(customer, order_id, status))]
    scenario.check("orders, payments and sagas agree", not wrong, "; ".join(wrong))
    statuses = list(ended.values())
    scenario.fact("statuses", {status: statuses.count(status) for status in sorted(filter(None, set(statuses)))})
    scenario.finish()


def contradiction(customer, order_id, status):
    """What does not fit in an order's trace, or ''. A declined payment: order cancelled, saga compensated."""
    trace = customer.get(f"/trace/order/{order_id}").json()
    final = trace.get("summary", {}).get("finalStatus", {})
    wanted = {"paid": ("paid", "completed", "completed"), "cancelled": ("cancelled", "failed", "compensated")}.get(status)
    seen = (final.get("order"), final.get("payment"), final.get("saga"))
    return "" if wanted is None or seen == wanted else f"order {order_id}: {seen}, not {wanted}"


if __name__ == "__main__":
    main(run)
