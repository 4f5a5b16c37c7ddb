"""All scenarios, one after the other: result and time of each, and what is in the store before and after."""

import json
import pathlib
import subprocess
import time

from scenario import Scenario, add_admin_arguments, admin_of, main

HERE = pathlib.Path(__file__).parent
SCENARIOS = ["duplicate-order-test", "individual-order-test", "mixed-order-test-fixed", "analyze-real-distribution"]


def count(customer, admin):
    """Of the whole store; None for what may not be asked here."""
    health = customer.get("/saga/maintenance/saga-health").json()
    types = customer.get("/trace/events?limit=1").json().get("statistics", {}).get("eventTypeDistribution")
    return {
        "orders": health.get("orders", {}).get("total"),
        "sagas": health.get("sagas", {}).get("total"),
        "events": sum(types.values()) if types is not None else None,
        "payments": types.get("PaymentRequested", 0) if types is not None else None,
        "users": count_users(admin) if admin else None,
    }


def count_users(admin):
    users, cursor = 0, ""
    while True:
        page = admin.get(f"/v1/users?limit=100{cursor}").json()
        users += len(page.get("users", []))
        if not page.get("has_more"):
            return users
        cursor = "&cursor=" + page["next_cursor"]


def arguments(parser):
    add_admin_arguments(parser)
    parser.add_argument("--nodes", default="", metavar="URL,URL", help="the nodes behind --url: duplicates are sent to them in turns, and all must take orders")
    parser.add_argument("--thorough", action="store_true", help="1,000 rounds of duplicates and 3,000 different orders")


def choices(name, options):
    """What a scenario is told beside the address."""
    nodes = [url for url in options.nodes.split(",") if url]
    if name == "duplicate-order-test":
        admin = ["--admin-email", options.admin_email] + ["--admin-password-file", options.admin_password_file] * bool(options.admin_password_file)
        return admin + ["--nodes", options.nodes] * bool(nodes) + ["--rounds", "1000"] * options.thorough
    if name == "individual-order-test":
        return ["--nodes", str(len(nodes))] * bool(nodes) + ["--orders", "3000"] * options.thorough
    return []


def run_one(name, options):
    """Its result, and what it printed when it is no JSON."""
    begin = time.monotonic()
    command = [HERE / f"{name}.sh", "--url", options.url, "--patience", str(options.patience), "--json", *choices(name, options)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        result = json.loads(done.stdout)
    except ValueError:
        result = {"scenario": name, "passed": False, "checks": [], "error": (done.stderr or done.stdout)[-500:], "orders_accepted": 0}
    return result | {"passed": result["passed"] and done.returncode == 0, "seconds": round(time.monotonic() - begin, 2)}


def run():
    scenario = Scenario("run-all-tests", __doc__, arguments)
    customer, admin = scenario.customer(), admin_of(scenario)
    before = count(customer, admin)
    results = []
    for name in SCENARIOS:
        result = run_one(name, scenario.options)
        results.append(result)
        wrong = "; ".join(f"{check['what']}: {check['detail']}" for check in result["checks"] if not check["ok"]) or result.get("error", "")
        scenario.check(f"{name:28} {result['seconds']:7.2f} s", result["passed"], wrong)
    after = count(customer, admin)
    scenario.accepted = sum(result["orders_accepted"] for result in results)

    scenario.say(f"\n      {'':10} {'before':>10} {'after':>10} {'more':>10}")
    for what, was in before.items():
        now = after[what]
        if was is None or now is None:
            scenario.say(f"      {what:10} {'(not for this user)':>32}")
            continue
        scenario.say(f"      {what:10} {was:10} {now:10} {now - was:10}")
    scenario.say()
    grown = {what: after[what] - was for what, was in before.items() if was is not None and after[what] is not None}
    scenario.check("every accepted order is in the store, with a saga and a payment",
                   all(grown.get(what, scenario.accepted) >= scenario.accepted for what in ("orders", "sagas", "payments")),
                   f"{scenario.accepted} accepted")
    scenario.facts |= {"before": before, "after": after, "scenarios": [{key: result[key] for key in ("scenario", "passed", "seconds")}
                                                                        for result in results]}
    scenario.finish()


if __name__ == "__main__":
    main(run)
