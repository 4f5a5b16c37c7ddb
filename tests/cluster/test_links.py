"""Links between the nodes and what they stand on that go wrong under load. The lease is 1.5 s."""

import re
import time

import pytest
import requests

from backing import BACKING
from harness_server import eventually

SHORT_S, LONG_S = 0.8, 3  # the faults themselves: shorter than the lease, and longer
BYTES = {"postgres": 20_000, "kafka": 20_000, "redis": 300}  # what some ten orders say to each


class Links:
    """The links to one server, told together."""

    def __init__(self, of_server, count):
        self.of_server, self.count = of_server, count

    def tell(self, command):
        for link in self.of_server:
            link.tell(command)

    def broken(self):
        return sum(link.tell("status")["cut"] for link in self.of_server)


@pytest.fixture(params=BACKING)
def links(request, cluster):
    return Links(cluster.links[request.param], BYTES[request.param])


def test_connections_are_cut_and_refused(links, under_load):
    def cut(load):
        for _ in range(5):
            links.tell("cut")
            load.go_on(10)
        links.tell("refuse")
        links.tell("cut")
        time.sleep(LONG_S)
        links.tell("pass")
    before = links.broken()
    under_load(cut)
    assert links.broken() > before


def test_links_stall_and_what_was_held_arrives_late(links, under_load):
    def stall(load):
        for length in (SHORT_S, SHORT_S, LONG_S):
            links.tell("stall")
            time.sleep(length)
            links.tell("pass")
            load.go_on(10)
    under_load(stall)


def test_links_stall_and_what_was_held_is_lost(links, under_load):
    def stall(_):
        links.tell("stall")
        time.sleep(LONG_S)
        links.tell("cut")
        links.tell("pass")
    under_load(stall)


def test_connections_break_and_halt_in_the_middle_of_what_they_say(links, under_load):
    def harm(load):
        for way, count in (("up", links.count), ("down", links.count // 5), ("up", links.count // 3), ("down", links.count // 7)):
            links.tell(f"cut-after {way} {count}")
            load.go_on(10)
            links.tell("pass")
        links.tell(f"random {links.count * 3} 1000")
        load.go_on(60)
        links.tell("pass")
    before = links.broken()
    under_load(harm)
    assert links.broken() > before


def lapses(port):
    metrics = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=10).text
    return int(re.search(r"^edda_lease_lapses(?:_total)? (\d+)", metrics, re.M)[1])


def test_one_node_is_cut_off_beyond_its_lease_and_what_it_sent_arrives_late(cluster, under_load, seed):
    number = seed % 3
    link, port = cluster.links["postgres"][number], cluster.node_ports[number]

    def cut_off(load):
        before = lapses(port)
        link.tell("stall")
        eventually(lambda: lapses(port) > before, "its lease has run out", 30)
        load.go_on(10)
        link.tell("pass")
    under_load(cut_off)
