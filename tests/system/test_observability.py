"""What whoever is on call works with: the metrics and their list, alerts and their runbook, dashboards; against a real Prometheus."""

import datetime
import json
import pathlib
import re
import subprocess

import pytest
import requests
import yaml

from harness_client import Client, fresh
from harness_cluster import Cluster
from harness_dashboards import DASHBOARDS, panels, queries, rules
from harness_document import Document
from harness_metrics import DOCS, NOBODY, SERIES_MAX, documented, queryable, served
from harness_postgres import Postgres
from harness_prometheus import OBSERVABILITY, ROOT, RULES, Prometheus, program, run_tool
from harness_server import eventually
from process_commands import run

PARTS = ("**Means.**", "**Look at.**", "**Do.**", "**It worked when**")


def names_in(expression):
    """The metrics that a query names: what is left without strings, label lists, functions and words of the language."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", bare)
    return set(re.findall(r"\b[a-zA-Z_:][a-zA-Z0-9_:]*\b(?!\s*\()", bare)) - {"and", "or", "unless", "by", "offset", "bool"}


@pytest.fixture(scope="module")
def node(start_server):
    """A node that has done something of everything, whose Redis and Kafka are away."""
    server = start_server(NOBODY)
    document = Document(requests.get(server.url + "/openapi.json", timeout=10).json())
    customer = Client(server, document).register()
    customer.wait_for_order(customer.place(fresh("BOOK"))["id"], "paid")
    customer.wait_for_order(customer.place(fresh("PAYMENT_FAIL"))["id"], "cancelled")
    requests.get(server.url + "/no-such-route", timeout=10)
    return server


@pytest.fixture(scope="module")
def prometheus(node, tmp_path_factory):
    with Prometheus(tmp_path_factory.mktemp("prometheus"), [f"127.0.0.1:{node.port}"]) as started:
        # Rates take two scrapes.
        eventually(lambda: started.query('count_over_time(up{job="edda"}[1m]) > 3'), "some scrapes", 30)
        yield started


# The list of metrics

def test_the_list_of_metrics_is_what_a_node_serves(node):
    serves, _ = served(node.url)
    listed = documented()
    assert sorted(serves) == sorted(listed)
    assert serves == listed


def test_without_redis_and_kafka_only_theirs_are_missing(server):
    serves, _ = served(server.url)
    missing = set(documented()) - set(serves)
    assert missing and all(re.match("edda_(feed|redis)_", name) for name in missing)
    assert set(serves) <= set(documented())


def test_a_node_on_postgresql_serves_all_but_the_time_of_its_backup(binary, tmp_path):
    postgres = Postgres().start()
    try:
        with Cluster(binary, tmp_path, postgres, size=1, environment=NOBODY) as cluster:
            url = cluster.nodes[0].url
            serves, series = served(url)
            # What it knows of the others' shards is of its last look.
            text = eventually(lambda: "\nedda_cluster_shards_unowned 0\n" in (now := requests.get(url + "/metrics", timeout=10).text) and now,
                              "every shard has an owner")
    finally:
        postgres.stop()
    assert set(documented()) - set(serves) == {"edda_backup_newest_timestamp_seconds"}
    assert set(serves) <= set(documented()) and series < SERIES_MAX
    owned = int(re.search(r"^edda_owned_shards (\d+)$", text, re.M)[1])
    assert owned > 1 and len(re.findall(r'^edda_shard_epoch\{shard="\d+"\} [1-9]', text, re.M)) == owned


def test_a_node_has_a_bounded_number_of_series(node, document):
    """Were every route asked for, and each answered with eight kinds of status."""
    now = served(node.url)[1]
    text = requests.get(node.url + "/metrics", timeout=10).text
    of_requests = len(re.findall(r"^edda_http_request(s_total|_duration_seconds_\w+)\{", text, re.M))
    buckets = len(re.findall(r'^edda_http_request_duration_seconds_bucket\{route="none",method="GET"', text, re.M))
    assert buckets > 10
    assert now - of_requests + len(document.operations()) * (buckets + 2 + 8) < SERIES_MAX


def test_names_follow_the_conventions(node):
    assert all(re.match("(edda|process)_", name) for name in documented())
    # Base units only, as prometheus.io/docs/practices/naming asks for.
    assert not any(re.search("_(ms|milliseconds|minutes|kilobytes|percent)(_|$)", name) for name in documented())
    assert all(name.endswith("_total") == (kind == "counter") for name, (kind, _) in served(node.url)[0].items())


def test_the_newest_backup_is_known_by_its_time(start_server):
    def newest():
        return float(re.search(r"^edda_backup_newest_timestamp_seconds (\S+)$", requests.get(server.url + "/metrics", timeout=10).text, re.M)[1])

    server = start_server()
    assert newest() == 0
    backups = server.folder / "data/backups"
    # One that is older, one in the making, and something else.
    for name in ("edda-20200229T000000.000Z", "edda-29990101T000000.000Z.part", "edda-20261399T000000.000Z", "notes"):
        (backups / name).mkdir(parents=True)
    assert newest() == datetime.datetime(2020, 2, 29, tzinfo=datetime.timezone.utc).timestamp()
    done = run(server.binary, "backup", "--data", server.folder / "data", "--json", environment=server.environment)
    name = pathlib.Path(json.loads(done.stdout)["folder"]).name
    made = datetime.datetime.strptime(name, "edda-%Y%m%dT%H%M%S.%fZ").replace(tzinfo=datetime.timezone.utc)
    assert newest() == pytest.approx(made.timestamp(), abs=0.002)


def test_prometheus_knows_cases_of_what_took_long(node, prometheus):
    """Exemplars lead from a histogram to a trace: the one that the client named, and the order's own."""
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    requests.get(node.url + "/v1/orders", timeout=10, headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01", "X-Request-Id": "seen-here"})
    customer = Client(node, Document(requests.get(node.url + "/openapi.json", timeout=10).json())).register()
    order = customer.wait_for_order(customer.place(fresh("BOOK"))["id"], "paid")["id"]

    def known(query, **labels):
        found = prometheus.get("query_exemplars", query=query, start="2020-01-01T00:00:00Z", end="2099-01-01T00:00:00Z")
        return [one for series in found for one in series["exemplars"] if one["labels"] == labels]
    eventually(lambda: known("edda_http_request_duration_seconds_bucket", trace_id=trace, request_id="seen-here"), "the request is known", 30)
    eventually(lambda: known("edda_saga_duration_seconds_bucket", trace_id=order.replace("-", "")), "the order is known", 30)


def test_an_older_prometheus_reads_them_too(node, tmp_path):
    text = requests.get(node.url + "/metrics", headers={"Accept": "text/plain;version=0.0.4;q=1,*/*;q=0.1"}, timeout=10).text
    (tmp_path / "metrics").write_text(text)
    with (tmp_path / "metrics").open() as stdin:
        done = subprocess.run([program("promtool"), "check", "metrics"], stdin=stdin, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# Alerts

def test_rules_are_valid():
    run_tool("promtool", "check", "rules", RULES)


def test_alerts_fire_and_end_as_they_should():
    run_tool("promtool", "test", "rules", ROOT / "tests/system/observability/alerts.yml")


def test_every_alert_is_tested():
    tested = yaml.safe_load((ROOT / "tests/system/observability/alerts.yml").read_text())["tests"]
    fired = {case["alertname"] for test in tested for case in test["alert_rule_test"] if case.get("exp_alerts")}
    assert fired == {rule["alert"] for rule in rules()}


def test_alertmanager_takes_its_configuration():
    run_tool("amtool", "check-config", OBSERVABILITY / "alertmanager.yml")
    inhibited = re.findall(r'Edda\w+', (OBSERVABILITY / "alertmanager.yml").read_text())
    assert set(inhibited) <= {rule["alert"] for rule in rules()}


def test_every_alert_has_its_section_in_the_runbook():
    page = (DOCS / "runbook.md").read_text()
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", page, re.M | re.S))
    assert list(sections) == [rule["alert"] for rule in rules()]
    for rule in rules():
        section = sections[rule["alert"]]
        assert [part for part in PARTS if part not in section] == [], rule["alert"]
        assert rule["annotations"]["runbook_url"] == f"docs/runbook.md#{rule['alert'].lower()}"
        assert rule["annotations"]["summary"] and rule["labels"]["severity"] in ("page", "ticket")
        assert rule["labels"]["severity"] in section.lower(), f"{rule['alert']}: the runbook says another severity"


def test_the_runbook_names_panels_that_exist():
    boards = {json.loads(path.read_text())["title"] for path in DASHBOARDS}
    titles = [panel["title"] for _, panel in panels()]
    named = re.findall(r"(?<!\*)\*([A-Z][^*\n]+)\*(?!\*)", (DOCS / "runbook.md").read_text())
    unknown = {name for name in named if name not in boards and not any(title.startswith(name) for title in titles)}
    assert named and not unknown


# Queries

def test_queries_name_only_metrics_that_exist():
    known = queryable() | {"ALERTS"}
    unknown = {where: names_in(expression) - known for where, expression in queries() if names_in(expression) - known}
    assert not unknown


def test_every_query_is_accepted(prometheus):
    assert len(queries()) > 100
    for where, expression in queries():
        try:
            prometheus.query(expression)
        except AssertionError as refused:
            raise AssertionError(f"{where}: {refused}") from None


def test_every_selector_finds_series(prometheus):
    """No query names a label, or a value of one, that is never there; but for statuses and states that nothing brought about."""
    selectors = {}
    for where, expression in queries():
        for selector in re.findall(r"\b((?:edda|process)_\w+\{[^}]*\})", expression):
            selectors.setdefault(selector, where)
    for selector, where in selectors.items():
        if 'status=~"5..' in selector or 'direction="compensate"' in selector:
            continue
        eventually(lambda one=selector: prometheus.query(f"count({one})"), f"{where}: {selector} finds something")


def test_panels_are_laid_out_and_named():
    for path in DASHBOARDS:
        board = json.loads(path.read_text())
        assert board["uid"] == path.stem
        ids = [panel["id"] for panel in board["panels"]]
        assert len(ids) == len(set(ids))
        taken = set()
        for panel in board["panels"]:
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
            assert place["x"] + place["w"] <= 24 and not cells & taken, f"{path.stem}: {panel['title']} lies over another"
            taken |= cells
    source = yaml.safe_load((OBSERVABILITY / "grafana/datasource.yml").read_text())["datasources"][0]["uid"]
    assert all(target["datasource"]["uid"] == source for _, panel in panels() for target in panel["targets"])


def test_prometheus_evaluates_every_rule(prometheus):
    def evaluated():
        found = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
        return all(rule["health"] == "ok" for rule in found) and len(found)
    assert eventually(evaluated, "every rule was evaluated without an error", 30) == len(rules())


def test_what_is_away_is_on_its_way_to_an_alert(prometheus):
    """Redis and Kafka are; they fire when the time of their rules has passed, which promtool tells."""
    away = {"EddaKafkaUnreachable", "EddaRedisFailingOpen"}
    eventually(lambda: away <= prometheus.alerts("pending") | prometheus.alerts("firing"), "both are noticed", 60)
    assert "EddaNodeDown" not in prometheus.alerts("pending") | prometheus.alerts("firing")
