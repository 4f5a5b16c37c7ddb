"""deploy/nginx in front of real nodes: turns, a dead node, streams, what is denied and what is overwritten."""

import http.client
import itertools
import json
import queue
import re
import time

import pytest
import requests

from harness_client import Client, new_order
from harness_nginx import Nginx, Witness
from harness_server import eventually, free_port


@pytest.fixture
def nginx(tmp_path):
    """nginx(port, ...): one in front of these ports; ends with the test."""
    started = []

    def start(*ports):
        folder = tmp_path / f"nginx-{len(started)}"
        folder.mkdir()
        started.append(Nginx(folder, ports))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def witness():
    started = []

    def start(**arguments):
        started.append(Witness(**arguments))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def behind(server, nginx, document):
    """Nobody yet, at the shared server, through nginx."""
    proxy = nginx(server.port)
    return Client(proxy, document)


def answered(server, route):
    """How many requests of a route a node has answered."""
    metrics = requests.get(server.url + "/metrics", timeout=10).text
    found = re.findall(r'^edda_http_requests_total\{[^}]*route="%s"[^}]*\} (\d+)' % re.escape(route), metrics, re.M)
    return sum(int(count) for count in found)


def raw_status(proxy, path):
    """Of a path as it stands: no client library tidies it up."""
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=10)
    try:
        connection.putrequest("GET", path, skip_host=False)
        connection.endheaders()
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def test_nodes_take_turns(start_server, nginx):
    nodes = [start_server(), start_server()]
    proxy = nginx(*(node.port for node in nodes))
    before = [answered(node, "/version") for node in nodes]
    for _ in range(20):
        assert requests.get(proxy.url + "/version", timeout=10).status_code == 200
    assert [answered(node, "/version") - was for node, was in zip(nodes, before)] == [10, 10]


def test_a_dead_node_is_left_out(start_server, nginx):
    alive, dead = start_server(), start_server()
    proxy = nginx(alive.port, dead.port)
    dead.kill()
    assert [requests.get(proxy.url + "/livez", timeout=10).status_code for _ in range(10)] == [200] * 10
    # Nothing was sent to it, so a POST may go on to the next node as well.
    assert requests.post(proxy.url + "/v1/auth/login", json={}, timeout=10).status_code == 400


def test_a_node_that_comes_back_is_asked_again(start_server, nginx):
    alive, restarted = start_server(), start_server()
    proxy = nginx(alive.port, restarted.port)
    restarted.fixed_port = restarted.port
    restarted.kill()
    assert requests.get(proxy.url + "/livez", timeout=10).status_code == 200
    restarted.start()

    def was_asked():
        requests.get(proxy.url + "/version", timeout=10)
        return answered(restarted, "/version") > 0

    eventually(was_asked, "the node gets requests again")


def test_a_post_that_may_have_arrived_goes_to_no_second_node(nginx, witness):
    broken, broken_too = witness(breaks_off=True), witness(breaks_off=True)
    proxy = nginx(broken.port, broken_too.port)
    response = requests.post(proxy.url + "/v1/orders", json={}, timeout=10)
    assert response.status_code == 502
    assert response.json()["statusCode"] == 502 and response.headers["Retry-After"] == "1"
    assert len(broken.seen) + len(broken_too.seen) == 1


def test_a_get_that_breaks_off_goes_to_the_next_node(nginx, witness):
    broken, well = witness(breaks_off=True), witness()
    proxy = nginx(broken.port, well.port)
    assert [requests.get(proxy.url + "/livez", timeout=10).status_code for _ in range(2)] == [200, 200]


def test_a_node_that_breaks_off_gets_no_requests_for_a_while(nginx, witness):
    broken, well = witness(breaks_off=True), witness()
    proxy = nginx(broken.port, well.port)
    began = time.monotonic()
    assert [requests.get(proxy.url + "/livez", timeout=10).status_code for _ in range(40)] == [200] * 40
    # Tried again every two seconds; in turns it would have been twenty times.
    assert 1 <= len(broken.seen) <= 1 + (time.monotonic() - began) // 2


def test_what_a_client_says_of_itself_is_overwritten(nginx, witness):
    node = witness()
    proxy = nginx(node.port)
    claims = {"X-Forwarded-For": "10.9.9.9", "X-Real-IP": "10.9.9.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "bank.example",
              "X-Forwarded-Port": "443", "Forwarded": "for=10.9.9.9", "X-User-Id": "admin", "Idempotency-Key": "mine"}
    requests.get(proxy.url + "/orders?x=1", headers=claims, timeout=10)
    method, path, headers = node.seen[-1]
    assert (method, path) == ("GET", "/orders?x=1")
    assert headers.get_all("X-Forwarded-For") == ["127.0.0.1"] and headers["X-Real-IP"] == "127.0.0.1"
    assert headers["X-Forwarded-Proto"] == "http" and headers["Host"] == f"127.0.0.1:{proxy.port}"
    assert [headers[name] for name in ("X-Forwarded-Host", "X-Forwarded-Port", "Forwarded", "X-User-Id")] == [None] * 4
    assert headers["Idempotency-Key"] == "mine"


def test_claims_made_twice_or_spelled_otherwise_are_overwritten_too(nginx, witness):
    node = witness()
    connection = http.client.HTTPConnection("127.0.0.1", nginx(node.port).port, timeout=10)
    connection.putrequest("GET", "/orders")
    for name in ("X-Forwarded-For", "x-forwarded-for", "X_Forwarded_For", "X-REAL-IP", "x-user-id", "X_User_Id", "forwarded"):
        connection.putheader(name, "10.9.9.9")
    connection.endheaders()
    assert connection.getresponse().status == 200
    connection.close()
    assert "10.9.9.9" not in str(node.seen[-1][2])


@pytest.mark.parametrize("path", ["/metrics", "/metrics?x", "//metrics", "/%6detrics", "/metrics/", "/x/../metrics", "/METRICS", "/./metrics"])
def test_metrics_are_denied(behind, path):
    status, text = raw_status(behind.server, path)
    assert status in (400, 403, 404) and "edda_" not in text


def test_the_smallest_event_is_passed_on_at_once(nginx, witness):
    events = queue.SimpleQueue()
    node = witness(events=events)
    try:
        events.put(": here\n\n")
        with requests.get(nginx(node.port).url + "/v1/events/stream", stream=True, timeout=10) as response:
            lines = response.iter_lines(chunk_size=1, decode_unicode=True)
            for number in range(3):
                events.put(f"data: {number}\n\n")
                assert next(line for line in lines if line.startswith("data")) == f"data: {number}"
    finally:
        events.put(None)


def test_each_event_arrives_while_the_stream_goes_on(server, behind):
    customer = behind.register()
    as_stream = {"Accept": "text/event-stream"}
    with customer.call("GET", "/v1/events/stream", 200, headers=as_stream, stream=True, timeout=20) as response:
        lines = response.iter_lines(chunk_size=1, decode_unicode=True)
        seen = (json.loads(line.removeprefix("data:")) for line in lines if line.startswith("data:"))
        # The next order is placed only when all of the last one's story was read: nothing waited for more bytes, or for an end.
        for _ in range(3):
            order = customer.place()["id"]
            story = list(itertools.takewhile(lambda event: event["type"] != "SagaCompleted", seen))
            assert [event["type"] for event in story][:1] == ["OrderCreated"], story
            assert {event["correlation_id"] for event in story} == {order}
    headers = as_stream | {"Authorization": f"Bearer {customer.token}"}
    with requests.get(server.url + "/v1/events/stream", headers=headers, stream=True, timeout=20) as direct:
        assert direct.headers["X-Accel-Buffering"] == "no"


def test_answers_of_a_node_are_its_own(behind):
    customer = behind.register()
    body = json.dumps(new_order()) + " " * 1_200_000
    response = customer.call("POST", "/v1/orders", 413, data=body,
                             headers={"Content-Type": "application/json", "Idempotency-Key": "too-large"})
    assert response.headers["Content-Type"] == "application/problem+json"


def test_nginx_says_its_own_errors_as_nodes_do(nginx):
    proxy = nginx(free_port())
    gone = requests.get(proxy.url + "/livez", timeout=10)
    assert gone.status_code == 502 and gone.json()["error"] == "Bad Gateway" and gone.headers["Retry-After"] == "1"
    large = requests.post(proxy.url + "/orders", data=b"x" * 3_000_000, timeout=10)
    assert large.status_code == 413 and large.json()["message"] == "request entity too large"
    assert "Retry-After" not in large.headers
