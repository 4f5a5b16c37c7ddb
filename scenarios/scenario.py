"""What the scenarios share: a client of the API, crowds of requests at once, checks, and the report. Python's standard library only."""

import argparse
import http.client
import json
import os
import pathlib
import ssl
import sys
import threading
import time
import urllib.parse
import uuid
from concurrent.futures import ThreadPoolExecutor

ANSWER_TIMEOUT_S = 30
ENDED = {"paid", "shipped", "delivered", "cancelled"}


class Unreachable(Exception):
    """Nothing to test there."""


class Answer:
    def __init__(self, status, headers, text, seconds):
        self.status, self.headers, self.seconds, self.text = status, headers, seconds, text

    def json(self):
        try:
            return json.loads(self.text)
        except ValueError:
            return {}


class Api:
    """Requests to one base URL, as one user or as nobody. Each thread has a connection of its own."""

    def __init__(self, url, token=None):
        self.url, self.token = url.rstrip("/"), token
        self.parts = urllib.parse.urlsplit(self.url)
        self.local = threading.local()

    def signed_in(self, token):
        return Api(self.url, token)

    def _connection(self):
        if getattr(self.local, "connection", None) is None:
            kind = http.client.HTTPConnection
            more = {}
            if self.parts.scheme == "https":
                kind, more = http.client.HTTPSConnection, {"context": ssl.create_default_context()}
            self.local.connection = kind(self.parts.hostname, self.parts.port, timeout=ANSWER_TIMEOUT_S, **more)
        return self.local.connection

    def call(self, method, path, body=None, headers=None):
        """The answer, whatever its status. Only a request that may be repeated is sent again when a kept connection has gone."""
        headers = {"Accept": "application/json", **(headers or {})}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        for last in (False, True):
            begin = time.perf_counter()
            connection = self._connection()
            try:
                connection.request(method, self.parts.path + path, data, headers)
                response = connection.getresponse()
                text = response.read().decode(errors="replace")
                return Answer(response.status, dict(response.getheaders()), text, time.perf_counter() - begin)
            except (OSError, http.client.HTTPException) as error:
                self.leave()
                if last or method != "GET":
                    return Answer(0, {}, f"{type(error).__name__}: {error}", time.perf_counter() - begin)

    def leave(self):
        """Ends this thread's connection: the next request may reach another node."""
        if getattr(self.local, "connection", None) is not None:
            self.local.connection.close()
            self.local.connection = None

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body=None, headers=None):
        return self.call("POST", path, body, headers)


class Scenario:
    """One run of one scenario: its user, its fresh names, what it checked, and how that is told."""

    def __init__(self, name, about, add_arguments=None):
        parser = argparse.ArgumentParser(prog=name, description=about)
        parser.add_argument("--url", default=os.environ.get("EDDA_URL", "http://127.0.0.1:8090"),
                            help="base URL of a node or of what stands in front of several (EDDA_URL; default %(default)s)")
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
        parser.add_argument("--patience", type=float, default=60, metavar="SECONDS", help="how long orders may take to end (default 60)")
        if add_arguments:
            add_arguments(parser)
        self.name, self.options = name, parser.parse_args()
        self.run_id = uuid.uuid4().hex[:10]
        self.began = time.monotonic()
        self.checks, self.facts, self.accepted = [], {}, 0
        self.anonymous = Api(self.options.url)
        self._numbers = 0

    # What it says

    def say(self, text=""):
        if not self.options.json:
            print(text, flush=True)

    def fact(self, name, value, text=None):
        """Something seen, for the summary and the JSON."""
        self.facts[name] = value
        if isinstance(value, dict):
            value = ", ".join(f"{key} {one}" for key, one in value.items())
        self.say(f"      {text or f'{name}: {value}'}")

    def check(self, what, ok, detail=""):
        self.checks.append({"what": what, "ok": bool(ok), "detail": str(detail)})
        self.say(f"{'ok   ' if ok else 'FAIL '} {what}{f' ({detail})' if detail != '' else ''}")
        return bool(ok)

    def finish(self):
        """Ends the process: 0 when every check held."""
        failed = [check for check in self.checks if not check["ok"]]
        passed = not failed and bool(self.checks)
        seconds = round(time.monotonic() - self.began, 2)
        if self.options.json:
            print(json.dumps({"scenario": self.name, "url": self.options.url, "passed": passed, "seconds": seconds,
                              "orders_accepted": self.accepted, "checks": self.checks, **self.facts}, ensure_ascii=False))
        self.say(f"\n{self.name}: {len(self.checks) - len(failed)} passed, {len(failed)} failed, {seconds} s")
        sys.exit(0 if passed else 1)

    # What it does

    def fresh(self, word):
        """A product id that nobody has ever ordered."""
        self._numbers += 1
        return f"{word}-{self.run_id}-{self._numbers}"

    def customer(self, url=None):
        """A new user, signed in. Registered where the scenario runs, and known to every node."""
        email, password = f"scenario-{uuid.uuid4().hex}@example.com", uuid.uuid4().hex
        answer = self.anonymous.post("/auth/register", {"email": email, "password": password, "firstName": "Snorri",
                                                        "lastName": "Sturluson"})
        if answer.status != 201:
            raise Unreachable(f"{self.options.url} let nobody register: {answer.status} {answer.text[:200]}")
        return Api(url or self.options.url, answer.json()["accessToken"])

    def order(self, api, product, price=10):
        """An order of one product, as existing clients place it."""
        answer = api.post("/orders", {"items": [{"productId": product, "productName": "The Prose Edda", "quantity": 1, "price": price}],
                                      "shippingAddress": "1 Saga Street, Reykholt"})
        if answer.status == 201:
            with lock:
                self.accepted += 1
        return answer

    def wait_until_ended(self, api, ids):
        """{order id: its final status}; None for one that has not ended in time."""
        end = time.monotonic() + self.options.patience

        def watch(order_id):
            while True:
                status = api.get(f"/orders/{order_id}").json().get("status")
                if status in ENDED or time.monotonic() > end:
                    return status if status in ENDED else None
                time.sleep(0.1)

        return dict(zip(ids, spread(watch, ids)))

    def story(self, api, order_id):
        """All events of an order, in the order of the log."""
        events, cursor = [], ""
        while True:
            page = api.get(f"/v1/orders/{order_id}/events?limit=100{cursor}").json()
            events += page.get("events", [])
            if not page.get("has_more"):
                break
            cursor = "&cursor=" + urllib.parse.quote(page["next_cursor"])
        return events


lock = threading.Lock()


def at_once(calls):
    """Runs all of them, each on a thread, beginning at the same instant; their results in order."""
    gate = threading.Barrier(len(calls))

    def run(call):
        gate.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [done.result() for done in [pool.submit(run, call) for call in calls]]


def steadily(calls, every_s, at_a_time=1):
    """Starts so many of them every so often, whatever they take, each on a thread; their results in order."""
    began = time.monotonic()
    with ThreadPoolExecutor(64) as pool:
        sent = []
        for number, call in enumerate(calls):
            time.sleep(max(0, began + number // at_a_time * every_s - time.monotonic()))
            sent.append(pool.submit(call))
        return [done.result() for done in sent]


def spread(work, items, threads=16):
    """work(item) of each, some at a time; the results in order."""
    items = list(items)
    if not items:
        return []
    with ThreadPoolExecutor(min(threads, len(items))) as pool:
        return list(pool.map(work, items))


def percentile(values, share):
    """The nearest rank: a value that was really seen."""
    values = sorted(values)
    return values[min(len(values) - 1, max(0, int(share * len(values) + 0.999999) - 1))] if values else None


def milliseconds(seconds):
    return None if seconds is None else round(seconds * 1000, 3)


def shares(nodes):
    """{node: [count, percent]} of a list of node names."""
    return {node: [nodes.count(node), round(100 * nodes.count(node) / len(nodes), 2)] for node in sorted(set(nodes))}


def add_admin_arguments(parser):
    parser.add_argument("--admin-email", default=os.environ.get("ADMIN_EMAIL", "admin@edda.local"))
    parser.add_argument("--admin-password-file", metavar="FILE",
                        help="its password, for what only it may see (else ADMIN_PASSWORD, or what the local cluster made)")


def admin_of(scenario):
    """The administrator, signed in, or None."""
    options, password = scenario.options, os.environ.get("ADMIN_PASSWORD", "")
    local = pathlib.Path(__file__).parents[1] / "data/cluster/secrets/admin"
    file = pathlib.Path(options.admin_password_file) if options.admin_password_file else local
    try:
        password = file.read_text().strip() or password
    except OSError as error:
        if options.admin_password_file:
            raise Unreachable(f"cannot read {file}: {error.strerror}") from error
    if not password:
        return None
    answer = scenario.anonymous.post("/auth/login", {"email": options.admin_email, "password": password})
    return scenario.anonymous.signed_in(answer.json()["accessToken"]) if answer.status == 200 else None


def main(run):
    """Calls run() and turns what keeps it from testing anything into exit code 2."""
    try:
        run()
    except Unreachable as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
