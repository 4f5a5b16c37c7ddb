"""What whoever is on call has: dashboards and alerts, by a real Prometheus and Alertmanager that watch three nodes under load and under faults."""

import time

import pytest

from harness_dashboards import panel_queries
from harness_metrics import SERIES_MAX, served
from harness_prometheus import Alertmanager, Prometheus
from harness_server import eventually

# They show what went wrong, and nothing else.
OF_FAULTS = ("Routes that fail", "Shards that two nodes show", "Alerts")
STALL_S = 2.5  # the fault itself: orders wait longer than a second


class OnCall:
    """Hears of every alert, those too that are held back for another's sake, and can ask Prometheus."""

    def __init__(self, people, prometheus):
        self.people, self.prometheus, self.heard = people, prometheus, set()

    def listen(self):
        now = set(self.people.alerts(inhibited="true"))
        self.heard |= now
        return now

    def hears_of(self, *alerts, after=lambda: None):
        """`after`: the fault, again and again."""
        def all_of_them():
            after()
            self.listen()
            return set(alerts) <= self.heard
        try:
            eventually(all_of_them, f"{alerts} are heard of", 60, 0.2)
        except AssertionError:
            print("never heard of", set(alerts) - self.heard)
            raise


@pytest.fixture
def on_call(cluster, tmp_path):
    with Alertmanager(tmp_path) as people, \
            Prometheus(tmp_path, [f"127.0.0.1:{port}" for port in cluster.node_ports], people.address, hurry=True) as prometheus:
        yield OnCall(people, prometheus)


def show_numbers(prometheus, asked):
    """Each of the queries returns numbers."""
    silent = asked

    def all_of_them():
        nonlocal silent
        silent = [(where, expression) for where, expression in silent if all(value == "NaN" for value in prometheus.query(expression))]
        return not silent
    try:
        eventually(all_of_them, "every panel shows something", 40, 0.5)
    except AssertionError:
        print(*silent, sep="\n")
        raise


def test_dashboards_show_three_nodes_under_load_and_alerts_come_and_go_with_their_faults(cluster, on_call, under_load):
    prometheus, asked, links = on_call.prometheus, panel_queries("10s"), cluster.links["postgres"]

    def tell(*commands):
        for link in links:
            for command in commands:
                link.tell(command)

    def stall():
        tell("stall")
        time.sleep(STALL_S)
        tell("pass")

    def harm(load):
        show_numbers(prometheus, [one for one in asked if not one[0].endswith(OF_FAULTS)])
        assert all(served(f"http://127.0.0.1:{port}")[1] < SERIES_MAX for port in cluster.node_ports)
        print("scrapes take, in seconds:", prometheus.query("quantile_over_time(0.5, scrape_duration_seconds[1m])"))
        eventually(lambda: not on_call.listen(), "nobody is called without a reason", 60, 0.2)
        on_call.heard.clear()  # what three nodes that start may bring about

        for server in ("paysim", "kafka", "redis"):
            cluster.kill(server)
        on_call.hears_of("EddaGatewayBreakerOpen", "EddaOutcomesUnknown", "EddaStepWaitsLong", "EddaOrdersNotEnding", "EddaKafkaUnreachable",
                         "EddaFeedBehind", "EddaRedisFailingOpen")
        assert cluster.run("up").returncode == 0
        tell("refuse", "cut")
        on_call.hears_of("EddaStoreErrors", "EddaRequestsFailing", "EddaLeaseLapsed")
        show_numbers(prometheus, [one for one in asked if one[0].endswith(("Routes that fail", "Alerts"))])
        tell("pass")
        load.go_on(10)
        on_call.hears_of("EddaRequestsSlow", after=stall)
        cluster.kill("node-2")
        on_call.hears_of("EddaNodeDown")
        assert cluster.run("up").returncode == 0
        load.go_on(10)
        eventually(lambda: not on_call.listen(), "it is all over", 60, 0.2)
    under_load(harm)
