"""Orders of different products at the same instant: all are accepted and end, and the nodes share them."""

from scenario import Scenario, at_once, main, shares, spread


def arguments(parser):
    parser.add_argument("--orders", type=int, default=15, help="how many: 5 at once, then the rest, 10 at once (default 15)")
    parser.add_argument("--nodes", type=int, default=0, metavar="N", help="how many nodes must have taken some (default: whatever is seen)")
    parser.add_argument("--tolerance", type=float, default=1.0, metavar="POINTS",
                        help="percentage points by which a node's share may differ, from 1000 orders on (default 1)")


def run():
    scenario = Scenario("individual-order-test", __doc__, arguments)
    options = scenario.options
    customer = scenario.customer()
    products = [scenario.fresh("INDIVIDUAL") for _ in range(options.orders)]
    answers = []
    waves = [products[:5]] + [products[at:at + 10] for at in range(5, len(products), 10)]
    scenario.say(f"{len(products)} different products at {options.url}")
    for wave in filter(None, waves):
        answers += at_once([lambda product=product: scenario.order(customer, product) for product in wave])
    refused = [f"{answer.status} {answer.text[:120]}" for answer in answers if answer.status != 201]
    scenario.check("every order is accepted", not refused, f"{len(answers) - len(refused)} of {len(answers)} {' '.join(refused[:3])}".strip())
    ids = [answer.json()["id"] for answer in answers if answer.status == 201]
    scenario.check("each is an order of its own", len(set(ids)) == len(ids))

    ended = scenario.wait_until_ended(customer, ids)
    statuses = shares([status or "not ended" for status in ended.values()])
    scenario.check("every order ends", None not in ended.values(), ", ".join(f"{count} {name}" for name, (count, _) in statuses.items()))
    stories = spread(lambda order_id: scenario.story(customer, order_id), ids)
    sagas = [sum(event["type"] == "SagaStarted" for event in story) for story in stories]
    scenario.check("each has one saga", sagas == [1] * len(ids), f"{sum(sagas)} sagas, {sum(map(len, stories))} events")

    taken = shares([event["node"] for story in stories for event in story if event["type"] == "OrderCreated"])
    scenario.fact("accepted_by", taken, "accepted by " + ", ".join(f"{node}: {count} ({share} %)" for node, (count, share) in taken.items()))
    if options.nodes:
        scenario.check(f"{options.nodes} nodes took orders", len(taken) == options.nodes, f"{len(taken)}")
    if len(ids) >= 1000:
        even = 100 / (options.nodes or len(taken))
        worst = max(abs(share - even) for _, share in taken.values())
        scenario.check(f"each node's share is {even:.1f} % +- {options.tolerance}", worst <= options.tolerance, f"off by {worst:.2f}")
    scenario.finish()


if __name__ == "__main__":
    main(run)
