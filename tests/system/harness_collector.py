"""A collector of traces: OTLP over HTTP with JSON, in a thread of the test."""

import http.server
import json
import threading


class Collector:
    """Keeps every span as {name, trace, span, parent, kind, node, attributes}. `status` is what it answers."""

    def __init__(self):
        self.kept, self.lock, self.status, self.paths = [], threading.Lock(), 200, set()
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                collector.take(self.path, self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(collector.status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": self.url, "OTEL_BSP_SCHEDULE_DELAY": "50"}

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def take(self, path, body):
        spans = [] if self.status != 200 else list(read(json.loads(body)))
        with self.lock:
            self.paths.add(path)
            self.kept += spans

    def trace(self, trace):
        """Its spans, by their names; of several that have one name a list in the order in which they began."""
        with self.lock:
            spans = sorted((span for span in self.kept if span["trace"] == trace), key=lambda span: span["start"])
        by_name = {}
        for span in spans:
            by_name.setdefault(span["name"], []).append(span)
        return by_name


def read(body):
    for resource in body["resourceSpans"]:
        of = values(resource["resource"]["attributes"])
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                yield {"name": span["name"], "trace": span["traceId"], "span": span["spanId"], "parent": span.get("parentSpanId", ""),
                       "kind": span["kind"], "start": int(span["startTimeUnixNano"]), "end": int(span["endTimeUnixNano"]),
                       "node": of["service.instance.id"], "service": of["service.name"], "status": span["status"],
                       "attributes": values(span["attributes"])}


def values(attributes):
    return {one["key"]: one["value"].get("stringValue", one["value"].get("intValue")) for one in attributes}
