"""A payment gateway behind HTTP that goes wrong in every way it can, and servers that are killed: at most one effect for each key,
and gateway, orders and log agree in the end."""

import os
import random
import re
import subprocess
import time

import pytest
import requests

from harness_paysim import FOR_EDDA, Paysim
from harness_server import Server, eventually, free_port
from harness_tls import TlsFront
from process_commands import check_store, run
from process_ledger import check_ledger, read_ledger
from process_load import Caller, Load, Sent, User, administrators, check_record, orders_of, repeat_unanswered

ROUNDS = int(os.environ.get("EDDA_GATEWAY_ROUNDS", "6"))
CLIENTS = 4
QUICK = ("--success-rate", "1", "--latency-min-ms", "5", "--latency-max-ms", "50", "--hold-ms", "2000")


@pytest.fixture
def seed():
    value = os.environ.get("EDDA_SEED", str(time.time_ns()))
    print(f"EDDA_SEED={value}")
    return value


@pytest.fixture
def start_both(binary, tmp_path):
    """start_both(paysim's arguments): paysim and a server that charges there, and is told of it by webhooks."""
    started = []

    def start(*arguments, environment=None):
        port = free_port()
        paysim = Paysim(binary, tmp_path, *QUICK, "--webhook-url", f"http://127.0.0.1:{port}/v1/webhooks/payments", *arguments)
        started.append(paysim.start())
        server = Server(binary, tmp_path, FOR_EDDA | (environment or {}), ("--gateway-url", paysim.url), port)
        started.append(server.start())
        return paysim, server

    yield start
    for one in reversed(started):
        if one.process.poll() is None:
            one.kill()


def webhooks(server):
    """Their count, by what became of them."""
    text = requests.get(server.url + "/metrics", timeout=10).text
    return {name: int(float(value))
            for name, value in re.findall(r'edda_gateway_webhooks_total\{result="(\w+)"\} (\S+)', text)}


def test_faults_and_kills(start_both, tmp_path, seed):
    draw = random.Random(seed)
    paysim, server = start_both("--act-then-timeout-rate", "0.1", "--act-then-500-rate", "0.1", "--refuse-rate", "0.05",
                                "--webhook-late-rate", "0.3", "--webhook-late-max-ms", "3000", "--webhook-double-rate", "0.3",
                                "--webhook-reorder-rate", "0.3", "--seed", str(draw.randrange(2**32)))
    users = [User(server.url) for _ in range(CLIENTS)]
    for number in range(ROUNDS):
        load = Load(server, users, f"{seed}/{number}").start()
        time.sleep(draw.uniform(0.1, 0.6))
        if number % 3 == 2:
            paysim.kill()
            paysim.start()
        server.kill()
        load.stopping.set()
        load.join()
        server.start()
        repeat_unanswered(server.url, users)
    orders = check_record(server.url, users, refusals=True)
    assert len(orders) > ROUNDS
    report = check_store(server)
    ledger = next(check for check in report["checks"] if check["name"] == "ledger")
    assert (ledger["checked"], len(ledger["notes"])) == (0, 1), "verify says that the gateway's books are elsewhere"
    assert not (tmp_path / "data" / "payments.ledger").exists()
    counted = webhooks(server)
    assert counted["wrong_amount"] == counted["second_effect"] == 0, counted
    assert server.stop() == 0
    report = check_store(server)  # without a server, and without the gateway's address
    ledger = next(check for check in report["checks"] if check["name"] == "ledger")
    assert (ledger["checked"], len(ledger["notes"])) == (0, 1), "verify still knows that the books are elsewhere"
    assert paysim.stop() == 0
    check_ledger(paysim.ledger, orders)


def test_a_webhook_ends_what_was_never_answered(start_both):
    _, server = start_both("--act-then-timeout-rate", "1", "--webhook-double-rate", "1")
    user = User(server.url)
    sent = Sent(user, old=False, declined=False)
    Caller(server.url, user).place(sent)
    eventually(lambda: orders_of(server.url, user)[0]["status"] == "paid", "the order is paid")
    counted = eventually(lambda: (c := webhooks(server)) and sum(c.values()) == 2 and c, "the webhook and its double have come")
    assert counted["stored"] + counted["no_news"] + counted["doubled"] == 2 and counted["stored"] <= 1, counted


def test_stored_errors_end_by_lookup_or_void_or_are_parked(start_both):
    """Half of these keys charged before they broke. None may be charged and cancelled, or paid and not charged."""
    # Stored errors open the breaker too; it looks again each second, so that a round takes seconds, not minutes.
    paysim, server = start_both("--stored-error-rate", "0.5", "--seed", "3",
                                environment={"EDDA_GATEWAY_BREAKER_PAUSE_MAX_MS": "1000"})
    user = User(server.url)
    caller = Caller(server.url, user)
    administrator = administrators(server.url)

    def at_rest():
        sagas = administrator.get_sagas()
        return sagas if all(saga["state"] in ("completed", "compensated", "parked") for saga in sagas) else None

    # What befalls a key follows from its saga's random id: three of sixteen orders end cancelled. Of ten rounds' orders, one in 10^10
    # runs finds none.
    for _ in range(10):
        for _ in range(12):
            user.sent.append(Sent(user, old=False, declined=False))
            caller.place(user.sent[-1])
        sagas = {saga["order_id"]: saga for saga in eventually(at_rest, "every saga ends or is parked", 150, 0.5)}
        if {order["status"] for order in orders_of(server.url, user)} >= {"paid", "cancelled"}:
            break
    charged = {entry.key.split("/")[0] for entry in read_ledger(paysim.ledger) if (entry.kind, entry.outcome) == ("charge", "succeeded")}
    for order in orders_of(server.url, user):
        if order["status"] == "paid":
            assert order["saga_id"] in charged
        elif order["status"] == "cancelled":
            assert order["saga_id"] not in charged
        else:
            assert sagas[order["id"]]["state"] == "parked", order
    assert {order["status"] for order in orders_of(server.url, user)} >= {"paid", "cancelled"}


def test_health_names_the_gateway_and_no_secret(start_both):
    _, server = start_both()
    text = requests.get(server.url + "/health/detailed", timeout=10).text
    assert '"http"' in text or "http" in text.lower()
    for secret in (FOR_EDDA["EDDA_GATEWAY_SECRET"], FOR_EDDA["EDDA_GATEWAY_WEBHOOK_SECRET"]):
        for said in (text, server.log(1000), requests.get(server.url + "/metrics", timeout=10).text):
            assert secret not in said


def test_paysim_says_what_is_wrong_with_its_command_line(binary, tmp_path):
    done = run(binary, "paysim", "--success-rate", "2")
    assert (done.returncode, "--success-rate" in done.stderr) == (2, True)
    done = run(binary, "paysim", "--ledger", tmp_path / "l", "--webhook-url", "http://127.0.0.1:1/")
    assert (done.returncode, "EDDA_PAYSIM_WEBHOOK_SECRET" in done.stderr) == (2, True)
    done = run(binary, "paysim", "--help")
    assert (done.returncode, "--forget-keys-after-ms" in done.stdout) == (0, True)


def test_a_stop_does_not_wait_for_a_silent_gateway(start_both):
    _, server = start_both("--act-then-timeout-rate", "1", "--hold-ms", "60000", "--webhook-late-rate", "1",
                           "--webhook-late-max-ms", "3600000", environment={"EDDA_GATEWAY_TIMEOUT_MS": "60000"})
    user = User(server.url)
    caller = Caller(server.url, user)
    for _ in range(5):
        caller.place(Sent(user, old=False, declined=False))
    assert server.stop() == 0
    server.start()
    eventually(lambda: all(order["status"] == "paid" for order in orders_of(server.url, user)), "lookups find the charges", 60)


def test_tls_is_spoken_to_whom_the_machine_trusts(binary, tmp_path):
    """A gateway behind TLS with a certificate of an authority of its own."""
    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    paysim = Paysim(binary, tmp_path, *QUICK)
    with paysim, TlsFront(paysim.port, certificate, key) as front:
        arguments = ("--gateway-url", f"https://localhost:{front.port}")
        folders = [tmp_path / "trusting", tmp_path / "distrusting"]
        with Server(binary, folders[0], FOR_EDDA | {"SSL_CERT_FILE": str(certificate)}, arguments) as trusting:
            user = User(trusting.url)
            Caller(trusting.url, user).place(Sent(user, old=False, declined=False))
            eventually(lambda: orders_of(trusting.url, user)[0]["status"] == "paid", "the order is paid")
        with Server(binary, folders[1], FOR_EDDA, arguments) as distrusting:
            user = User(distrusting.url)
            Caller(distrusting.url, user).place(Sent(user, old=False, declined=False))
            eventually(lambda: orders_of(distrusting.url, user)[0]["status"] == "cancelled", "every send surely failed", 60, 0.25)
    assert [entry.kind for entry in read_ledger(paysim.ledger)] == ["charge"]
