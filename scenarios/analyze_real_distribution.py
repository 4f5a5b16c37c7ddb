"""Who did what of each order: the node that accepted it, the one that noted its charge, the one that ended it, and when, from the events
themselves and not from logs. Shares of the nodes, how long sagas took, and how often an order went from one node to another."""

from scenario import Scenario, at_once, main, milliseconds, percentile, shares, spread

CHARGED = {"PaymentProcessed", "PaymentFailed"}
DECIDED = {"OrderConfirmed", "OrderCancelled"}
SAGA_ENDED = {"SagaCompleted", "SagaCompensated"}


def arguments(parser):
    parser.add_argument("--orders", type=int, default=30, help="how many different products, 10 at once (default 30)")


def instant(event):
    """Of an event, to the microsecond."""
    return f"{event['at'][:19]}.{event['at_us'] % 1_000_000:06}Z"


def summary(order_id, story):
    """What is asked of one order's events."""
    def first(types):
        return next((event for event in story if event["type"] in types), None)

    created, charged, decided, ended = (first(types) for types in ({"OrderCreated"}, CHARGED, DECIDED, SAGA_ENDED))
    turns = list({event["turn_id"]: event["node"] for event in story}.values())
    whole = all((created, charged, decided, ended))
    return {
        "order": order_id, "whole": whole,
        "ascending": all(before["position"] < after["position"] and before["at_us"] <= after["at_us"]
                         for before, after in zip(story, story[1:])),
        "accepted_by": created and created["node"], "accepted_at": created and instant(created),
        "charged_by": charged and charged["node"], "charged_at": charged and instant(charged),
        "ended_by": decided and decided["node"], "ended_at": decided and instant(decided),
        "outcome": decided and decided["type"],
        "saga_ms": (ended["at_us"] - created["at_us"]) / 1000 if whole else None,
        "hand_overs": sum(one != other for one, other in zip(turns, turns[1:])),
    }


def run():
    scenario = Scenario("analyze-real-distribution", __doc__, arguments)
    customer = scenario.customer()
    products = [scenario.fresh(f"TEST_{number}") for number in range(1, scenario.options.orders + 1)]
    scenario.say(f"{len(products)} orders at {scenario.options.url}")
    answers = []
    for at in range(0, len(products), 10):
        answers += at_once([lambda product=product: scenario.order(customer, product) for product in products[at:at + 10]])
    ids = [answer.json()["id"] for answer in answers if answer.status == 201]
    scenario.check("every order is accepted", len(ids) == len(products), f"{len(ids)} of {len(products)}")
    ended = scenario.wait_until_ended(customer, ids)
    scenario.check("every order ends", None not in ended.values())
    orders = [summary(order_id, story) for order_id, story in zip(ids, spread(lambda one: scenario.story(customer, one), ids))]

    scenario.say(f"\n      {'order':36}  {'accepted by':12} {'charged by':12} {'ended by':12} {'saga ms':>10}  {'accepted at'}")
    for order in orders[:20]:
        scenario.say(f"      {order['order']:36}  {order['accepted_by'] or '-':12} {order['charged_by'] or '-':12} "
                     f"{order['ended_by'] or '-':12} {order['saga_ms'] or 0:10.3f}  {order['accepted_at'] or '-'}")
    if len(orders) > 20:
        scenario.say(f"      ... and {len(orders) - 20} more (--json has them all)")
    scenario.say()

    whole = [order for order in orders if order["whole"]]
    scenario.check("every order was accepted, charged (or declined) and ended", len(whole) == len(ids), f"{len(whole)} of {len(ids)}")
    scenario.check("each story ascends, in positions and in time", all(order["ascending"] for order in orders))
    for role in ("accepted_by", "charged_by", "ended_by"):
        seen = shares([order[role] for order in whole])
        scenario.fact(role, seen, f"{role.replace('_', ' ')} " + ", ".join(f"{node}: {n} ({part} %)" for node, (n, part) in seen.items()))
    durations = [order["saga_ms"] / 1000 for order in whole]
    scenario.fact("saga_ms", {"p50": milliseconds(percentile(durations, 0.5)), "p99": milliseconds(percentile(durations, 0.99))})
    scenario.fact("hand_overs", sum(order["hand_overs"] for order in orders),
                  f"hand-overs between nodes: {sum(order['hand_overs'] for order in orders)} in {len(orders)} orders")
    scenario.facts["orders"] = orders
    scenario.finish()


if __name__ == "__main__":
    main(run)
