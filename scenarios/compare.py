"""The same scenarios against two systems, such as Compose and Kubernetes, one after the other, and what they saw side by side: what passed, the
lock, how long sagas took, and the nodes' shares."""

import argparse
import json
import sys

from run_all_tests import SCENARIOS, run_one
from scenario import Api, Unreachable, main


def named_file(text):
    name, equals, file = text.partition("=")
    if not (name and equals and file):
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=FILE, as in kubernetes=password.txt")
    return name, file


def named_url(text):
    name, equals, url = text.partition("=")
    if not (name and equals and url.startswith(("http://", "https://"))):
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=URL, as in compose=http://127.0.0.1:8090")
    return name, url


def arguments():
    parser = argparse.ArgumentParser(prog="compare", description=__doc__)
    parser.add_argument("systems", nargs="*", type=named_url, metavar="NAME=URL",
                        help="the two (default: compose=http://127.0.0.1:8090 kubernetes=http://127.0.0.1:3000, the latter forwarded by kubectl)")
    parser.add_argument("--admin-email", default="admin@edda.local")
    parser.add_argument("--admin-password-file", action="append", default=[], type=named_file, metavar="NAME=FILE",
                        help="its password in that system: production lets nobody else try the lock")
    parser.add_argument("--thorough", action="store_true", help="1,000 rounds of duplicates and 3,000 different orders")
    parser.add_argument("--patience", type=float, default=60, metavar="SECONDS", help="how long orders may take to end (default 60)")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    options = parser.parse_args()
    options.systems = options.systems or [("compose", "http://127.0.0.1:8090"), ("kubernetes", "http://127.0.0.1:3000")]
    if len(options.systems) != 2 or options.systems[0][0] == options.systems[1][0]:
        parser.error("name two systems, and each its own way")
    options.admin_password_file = dict(options.admin_password_file)
    unknown = options.admin_password_file.keys() - dict(options.systems).keys()
    if unknown:
        parser.error(f"--admin-password-file: '{min(unknown)}' is neither of the two systems")
    return options


def results_of(name, url, options):
    """{scenario: its result}"""
    if Api(url).get("/").status == 0:
        raise Unreachable(f"{name}: nobody answers at {url}")
    told = {}
    for scenario in SCENARIOS:
        print(f"{name}: {scenario} ...", file=sys.stderr, flush=True)
        told[scenario] = run_one(scenario, argparse.Namespace(url=url, patience=options.patience, nodes="", thorough=options.thorough,
                                                              admin_email=options.admin_email, admin_password_file=options.admin_password_file.get(name)))
    return told


def p50_p99(times):
    return f"{times['p50']:.1f} / {times['p99']:.1f}" if times and times["p50"] is not None else "(not told)"


def percents(shares):
    """Of the nodes, largest first: their names differ from system to system."""
    return ", ".join(f"{percent}" for percent in sorted((percent for _, percent in shares.values()), reverse=True)) or "(not told)"


def rows_of(results):
    """[(what, how it reads)] of one system."""
    duplicates, individual, analysis = (results[name] for name in ("duplicate-order-test", "individual-order-test", "analyze-real-distribution"))
    return [
        *[(name, f"{'passed' if result['passed'] else 'FAILED'} {result['seconds']:.1f} s") for name, result in results.items()],
        ("lock taken and given back, p50 / p99 whole ms", p50_p99(duplicates.get("lock_ms"))),
        ("order of five that wins, p50 / p99 ms", p50_p99(duplicates.get("accepted_ms"))),
        ("saga, p50 / p99 ms", p50_p99(analysis.get("saga_ms"))),
        ("hand-overs between nodes", str(analysis.get("hand_overs", "(not told)"))),
        ("shares of accepted orders, %", percents(individual.get("accepted_by", {}))),
        ("shares of charges, %", percents(analysis.get("charged_by", {}))),
    ]


def what_failed(result):
    failed = [f"{check['what']}: {check['detail']}" for check in result["checks"] if not check["ok"]]
    return failed + [result["error"]] if "error" in result else failed


def table(systems, rows):
    """Lines: a column for each system."""
    heads = [name for name, _ in systems]
    lines = [("", *heads), *((one[0], one[1], other[1]) for one, other in zip(*rows))]
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    return ["  ".join(text.ljust(width) for text, width in zip(line, widths)).rstrip() for line in lines]


def run():
    options = arguments()
    results = [results_of(name, url, options) for name, url in options.systems]
    rows = [rows_of(one) for one in results]
    passed = all(result["passed"] for one in results for result in one.values())
    if options.json:
        print(json.dumps({"scenario": "compare", "passed": passed,
                          "systems": {name: {"url": url, "scenarios": one, "summary": dict(row)}
                                      for (name, url), one, row in zip(options.systems, results, rows)}}, ensure_ascii=False))
    else:
        print("\n".join(table(options.systems, rows)))
        for (name, _), one in zip(options.systems, results):
            for scenario, result in one.items():
                for wrong in what_failed(result):
                    print(f"FAIL {name}: {scenario}: {wrong}")
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main(run)
