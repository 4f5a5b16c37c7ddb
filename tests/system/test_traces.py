"""One order's trace: from the request to the outcome, over a kill, over nodes, and with no collector to take it."""

import http.server
import json
import secrets
import threading

import pytest
import requests

from conftest import CERTAIN
from harness_client import fresh, new_order
from harness_cluster import Cluster
from harness_collector import Collector
from harness_kafka import Kafka
from harness_postgres import Postgres
from harness_server import Server, eventually
from process_load import User

SERVER, CLIENT, PRODUCER = 2, 3, 4


@pytest.fixture
def collector():
    with Collector() as one:
        yield one


def traceparent(sampled=True):
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-0{int(sampled)}"


def trace_of(header):
    return header.split("-")[1]


def place(url, user, header=None):
    """The order's id, and the answer's traceparent."""
    headers = {"Authorization": f"Bearer {user.token}", "Idempotency-Key": fresh("key")} | ({"traceparent": header} if header else {})
    answer = requests.post(url + "/v1/orders", json=new_order(fresh("BOOK"), 1999, 1), headers=headers, timeout=30)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"], answer.headers.get("traceparent")


def status_of(url, user, order):
    return requests.get(f"{url}/v1/orders/{order}", headers={"Authorization": f"Bearer {user.token}"}, timeout=30).json()["status"]


def whole(collector, trace, *names):
    """The trace, once it has spans of all these names."""
    def look():
        spans = collector.trace(trace)
        return spans if spans.keys() >= set(names) else None
    return eventually(look, f"the trace has {names}; it has {sorted(collector.trace(trace))}", 30)


ORDER = ("POST /v1/orders", "turn PlaceOrder", "commit", "step payment_processing", "payment_gateway charge", "turn AnswerStep",
         "saga OrderProcessingSaga")


def check_order(spans):
    """From the request through turn, commit, step, gateway and outcome."""
    request = spans["POST /v1/orders"][0]
    for name in ("turn PlaceOrder", "step payment_processing", "turn AnswerStep", "saga OrderProcessingSaga"):
        assert [span["parent"] for span in spans[name]] == [request["span"]], name
    assert spans["payment_gateway charge"][0]["parent"] == spans["step payment_processing"][0]["span"]
    turns = {spans["turn PlaceOrder"][0]["span"], spans["turn AnswerStep"][0]["span"]}
    assert {span["parent"] for span in spans["commit"]} == turns
    assert request["kind"] == SERVER and spans["payment_gateway charge"][0]["kind"] == CLIENT
    return request


def test_an_order_is_one_trace(binary, tmp_path, collector):
    with Server(binary, tmp_path, CERTAIN | collector.environment | {"OTEL_SERVICE_NAME": "shop"}) as server:
        user = User(server.url)
        sent = traceparent()
        order, told = place(server.url, user, sent)
        spans = whole(collector, trace_of(sent), *ORDER)
        own, own_told = place(server.url, user)
        own_spans = whole(collector, trace_of(own_told), *ORDER)
        unsampled, unsampled_told = place(server.url, user, traceparent(sampled=False))
        eventually(lambda: status_of(server.url, user, unsampled) == "paid", "the third is paid")
        text = requests.get(server.url + "/metrics", timeout=10).text
    request = check_order(spans)
    assert request["parent"] == sent.split("-")[2] and told == f"00-{trace_of(sent)}-{request['span']}-01"
    assert request["attributes"]["http.route"] == "/v1/orders" and request["attributes"]["http.response.status_code"] == "201"
    assert spans["saga OrderProcessingSaga"][0]["attributes"]["edda.outcome"] == "completed"
    assert spans["turn PlaceOrder"][0]["attributes"]["edda.order.id"] == order
    assert check_order(own_spans)["parent"] == "" and own != order
    assert not collector.trace(trace_of(unsampled_told)), "the client does not keep its trace"
    assert collector.paths == {"/v1/traces"} and {span["service"] for span in collector.kept} == {"shop"}
    assert not any("livez" in span["name"] or "readyz" in span["name"] for span in collector.kept)
    assert float(text.split("edda_trace_spans_exported_total ")[1].split()[0]) > 0


class HangingGateway:
    """Does not answer before it is let go; then it charges. Remembers the traces that it is told."""

    def __init__(self):
        self.open, self.heard = threading.Event(), []
        gateway = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.answer(404, {"status": "unknown"})

            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                gateway.heard.append(self.headers.get("traceparent"))
                if not gateway.open.wait(30):
                    return
                self.answer(200, {"key": self.headers["Idempotency-Key"], "status": "succeeded", "reference": "ref-1"})

            def answer(self, status, body):
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

            def handle(self):
                try:
                    super().handle()
                except OSError:
                    pass  # whoever asked was killed

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.open.set()
        self.server.shutdown()
        self.server.server_close()


def test_a_saga_that_is_resumed_after_a_kill_goes_on_in_its_orders_trace(binary, tmp_path, collector):
    with HangingGateway() as gateway:
        server = Server(binary, tmp_path, CERTAIN | collector.environment | {"PAYMENT_GATEWAY_URL": gateway.url}).start()
        user = User(server.url)
        sent = traceparent()
        order, _ = place(server.url, user, sent)
        eventually(lambda: gateway.heard, "the charge is under way")
        server.kill()
        gateway.open.set()
        with server:
            eventually(lambda: status_of(server.url, user, order) == "paid", "it is paid", 30)
            spans = whole(collector, trace_of(sent), "saga OrderProcessingSaga", "turn AnswerStep", "step payment_processing")
    assert len(gateway.heard) >= 2 and {trace_of(header) for header in gateway.heard} == {trace_of(sent)}
    calls = {span["span"] for span in spans["payment_gateway charge"]}
    assert gateway.heard[-1].split("-")[2] in calls, "the gateway heard of the call's own span"


def test_orders_do_not_wait_for_a_collector_that_is_away(binary, tmp_path, collector):
    collector.status = 503
    with Server(binary, tmp_path, CERTAIN | collector.environment | {"OTEL_BSP_MAX_QUEUE_SIZE": "5"}) as server:
        user = User(server.url)
        orders = [place(server.url, user)[0] for _ in range(5)]
        for order in orders:
            eventually(lambda: status_of(server.url, user, order) == "paid", "it is paid")

        def lost():
            text = requests.get(server.url + "/metrics", timeout=10).text
            return all(float(text.split(name + " ")[1].split()[0]) > 0 for name in ("edda_trace_spans_dropped_total", "edda_trace_batches_failed_total"))
        eventually(lost, "what is lost is counted")
        assert "collector does not take spans" in server.log()


def test_a_trace_goes_over_nodes_and_through_kafka(binary, tmp_path, tmp_path_factory, collector):
    postgres = Postgres().start()
    kafka = Kafka(tmp_path_factory.mktemp("kafka")).start()
    try:
        with Cluster(binary, tmp_path, postgres, environment=collector.environment | {"KAFKA_BROKER": kafka.broker},
                     paysim=("--success-rate", 1)) as cluster:
            cluster.wait_for_fair_shares(cluster.nodes)
            user = User(cluster.nodes[0].url)
            traces = {}
            for number in range(6):
                sent = traceparent()
                order, _ = place(cluster.nodes[number % 3].url, user, sent)
                traces[order] = (sent, whole(collector, trace_of(sent), *ORDER, "send events"))
            messages = [message for shard in range(16) for message in kafka.read("order-events", shard, 1000, seconds=1)]
    finally:
        kafka.stop()
        postgres.stop()
    for sent, spans in traces.values():
        check_order(spans)
        assert {span["kind"] for span in spans["send events"]} == {PRODUCER}
    assert len({span["node"] for span in collector.kept}) == 3
    for message in messages:
        headers = {name: value.decode() for name, value in message.headers()}
        sent, _ = traces[headers["correlation"]]
        assert trace_of(headers["traceparent"]) == trace_of(sent)
    assert len(messages) >= 12
