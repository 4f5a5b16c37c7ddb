"""Orders for one product, placed at the same instant: exactly one succeeds, the others get 409 and, being the same user, its id."""

import itertools

from scenario import Api, Scenario, add_admin_arguments, admin_of, at_once, main, milliseconds, percentile


def arguments(parser):
    add_admin_arguments(parser)
    parser.add_argument("--rounds", type=int, default=20, help="products, one after the other (default 20)")
    parser.add_argument("--concurrent", type=int, default=5, help="orders of each at the same instant (default 5)")
    parser.add_argument("--nodes", default="", metavar="URL,URL", help="send to these in turns instead of to --url")


def a_round(scenario, customers, concurrent):
    """Whether it went as it must, the winner's id, and the times of the winner and of the losers."""
    product = scenario.fresh("DUPLICATE")
    turns = itertools.islice(itertools.cycle(customers), concurrent)
    answers = at_once([lambda api=api: scenario.order(api, product) for api in turns])
    won = [answer for answer in answers if answer.status == 201]
    lost = [answer for answer in answers if answer.status == 409 and answer.json().get("code") == "ORDER_ALREADY_EXISTS"]
    winner = won[0].json()["id"] if won else None
    told = all(answer.json().get("existingOrderId") == winner for answer in lost)
    right = len(won) == 1 and len(lost) == concurrent - 1 and told
    return right, winner, answers, won, lost


def lock_times(scenario, api, times=50):
    """How long /redis-test/lock takes to take and give back a free lock, by the node's own clock; [] where that route is closed to this user, as it is in production to
    all but the administrator."""
    taken = []
    for number in range(times):
        answer = api.post(f"/redis-test/lock/scenario-{scenario.run_id}-{number}?duration=0")
        if answer.status != 201 or not answer.json().get("success"):
            return []
        taken.append(answer.json()["totalTime"] / 1000)
    return taken


def run():
    scenario = Scenario("duplicate-order-test", __doc__, arguments)
    options = scenario.options
    customer = scenario.customer()
    urls = [url for url in options.nodes.split(",") if url] or [options.url]
    customers = [Api(url, customer.token) for url in urls]
    scenario.say(f"{options.rounds} rounds of {options.concurrent} concurrent orders for one product, at {', '.join(urls)}")

    winners, winning, losing = [], [], []
    for number in range(1, options.rounds + 1):
        right, winner, answers, won, lost = a_round(scenario, customers, options.concurrent)
        winners += [winner] if winner else []
        winning += [answer.seconds for answer in won]
        losing += [answer.seconds for answer in lost]
        if not right:
            seen = "; ".join(f"{answer.status} {answer.text[:120]}" for answer in answers)
            scenario.check(f"round {number}: exactly 1 of {options.concurrent} succeeds", False, seen)
    wrong = len(scenario.checks)
    scenario.check(f"exactly 1 order of {options.concurrent} succeeds in each of {options.rounds} rounds", wrong == 0,
                   f"{options.rounds - wrong} of {options.rounds}")
    ended = scenario.wait_until_ended(customer, winners)
    scenario.check("every accepted order ends", None not in ended.values(), f"{len(ended)} orders")
    total = customer.get("/orders?page=1&limit=1").json().get("total")
    scenario.check("the user has one order for each product", total == options.rounds, f"{total} orders")

    scenario.fact("accepted_ms", {"p50": milliseconds(percentile(winning, 0.5)), "p99": milliseconds(percentile(winning, 0.99))})
    scenario.fact("refused_ms", {"p50": milliseconds(percentile(losing, 0.5)), "p99": milliseconds(percentile(losing, 0.99))})
    taken = lock_times(scenario, admin_of(scenario) or customer)
    scenario.fact("lock_ms", {"p50": milliseconds(percentile(taken, 0.5)), "p99": milliseconds(percentile(taken, 0.99))} if taken else None,
                  None if taken else "lock: its test route is open to the administrator only here (--admin-password-file)")
    scenario.finish()


if __name__ == "__main__":
    main(run)
