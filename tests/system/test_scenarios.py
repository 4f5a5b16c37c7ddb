"""scenarios/: they pass on a server that keeps its promises, and notice one that does not."""

import json
import pathlib
import subprocess

import pytest

from harness_server import ADMIN, free_port

SCENARIOS = pathlib.Path(__file__).parents[2] / "scenarios"


def scenario(name, server_url, *arguments, environment=None):
    """(exit status, the result that --json prints)"""
    done = subprocess.run([SCENARIOS / f"{name}.sh", "--url", server_url, "--json", *arguments], capture_output=True, text=True, timeout=120,
                          env={"PATH": "/usr/bin:/bin"} | (environment or {}), check=False)
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def test_all_of_them_pass_and_count(server):
    status, result = scenario("run-all-tests", server.url,
                              environment={"ADMIN_EMAIL": ADMIN["email"], "ADMIN_PASSWORD": ADMIN["password"]})
    assert status == 0 and result["passed"], result
    assert [one["scenario"] for one in result["scenarios"]] == [
        "duplicate-order-test", "individual-order-test", "mixed-order-test-fixed", "analyze-real-distribution"]
    grown = {what: result["after"][what] - result["before"][what] for what in result["before"]}
    # 20 products, 15, 3 + 5 + 3, and 30; a user each.
    assert result["orders_accepted"] == 76
    assert grown["orders"] == grown["sagas"] == grown["payments"] == 76 and grown["users"] == 4 and grown["events"] > 76 * 9


def test_the_one_who_wins_wins_also_across_addresses(server):
    both = f"{server.url},{server.url.replace('127.0.0.1', 'localhost')}"
    status, result = scenario("duplicate-order-test", server.url, "--rounds", "5", "--concurrent", "8", "--nodes", both)
    assert status == 0 and result["orders_accepted"] == 5, result


def test_a_server_that_takes_duplicates_is_noticed(start_server):
    careless = start_server({"EDDA_ORDERS_DUPLICATES": "key"})
    for name in ("duplicate-order-test", "mixed-order-test-fixed", "run-all-tests"):
        status, result = scenario(name, careless.url)
        assert status == 1 and not result["passed"], result


def test_who_did_what_is_told_of_each_order(server):
    status, result = scenario("analyze-real-distribution", server.url, "--orders", "3")
    assert status == 0 and len(result["orders"]) == 3, result
    assert len({order[role] for order in result["orders"] for role in ("accepted_by", "charged_by", "ended_by")}) == 1
    assert result["hand_overs"] == 0 and result["saga_ms"]["p50"] > 0


def compare(*words):
    done = subprocess.run([SCENARIOS / "compare", *words], capture_output=True, text=True, timeout=120, env={"PATH": "/usr/bin:/bin"}, check=False)
    return done.returncode, done.stdout, done.stderr


def test_two_systems_side_by_side(server, start_server):
    careless = start_server({"EDDA_ORDERS_DUPLICATES": "key"})
    status, text, _ = compare(f"careful={server.url}", f"careless={careless.url}")
    lines = text.splitlines()
    assert status == 1 and lines[0].split() == ["careful", "careless"], text
    row = next(line for line in lines if line.startswith("duplicate-order-test"))
    assert row.index("passed") < row.index("FAILED")
    assert any(line.startswith("saga, p50 / p99 ms") and line.count("/") == 3 for line in lines), text
    assert any(line.startswith("FAIL careless: duplicate-order-test") for line in lines) and "FAIL careful" not in text

    status, text, _ = compare(f"one={server.url}", f"other={server.url}", "--json")
    told = json.loads(text)
    assert status == 0 and told["passed"] and list(told["systems"]) == ["one", "other"]
    assert told["systems"]["one"]["summary"]["shares of accepted orders, %"] == "100.0"


def test_the_lock_of_a_production_system_is_told_to_its_administrator(server, start_server, tmp_path):
    closed = start_server({"EDDA_HTTP_OPEN_TEST_ROUTES": "false"})
    password = tmp_path / "password"
    password.write_text(ADMIN["password"] + "\n")

    def lock_row(*words):
        status, text, error = compare(f"open={server.url}", f"closed={closed.url}", *words)
        assert status == 0, text + error
        return next(line for line in text.splitlines() if line.startswith("lock taken and given back"))

    assert lock_row().endswith("(not told)")
    told = lock_row("--admin-email", ADMIN["email"], "--admin-password-file", f"closed={password}")
    assert told.count("/") == 3 and "(not told)" not in told
    assert compare(f"open={server.url}", f"closed={closed.url}", "--admin-password-file", f"neither={password}")[0] == 2


def test_two_systems_are_named_and_there(server):
    for words in ([f"one={server.url}"], [f"one={server.url}", f"one={server.url}"], [server.url, "two"]):
        assert compare(*words)[0] == 2
    status, _, error = compare(f"one={server.url}", f"other=http://127.0.0.1:{free_port()}")
    assert status == 2 and "other: nobody answers" in error


@pytest.mark.parametrize("name", ["run-all-tests", "duplicate-order-test", "analyze-real-distribution"])
def test_nobody_there_is_no_success(name):
    status, text = scenario(name, f"http://127.0.0.1:{free_port()}")
    assert status == 2 and "register" in text
