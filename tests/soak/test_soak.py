"""Ten minutes of load from several clients on a server and a gateway that goes wrong, both killed, stopped and halted at random: in the
end store, clients and gateway agree. EDDA_SOAK_SECONDS, EDDA_SOAK_CLIENTS and EDDA_SEED say otherwise; EDDA_BIN names the program."""

import collections
import os
import pathlib
import random
import signal
import time

import pytest

from harness_paysim import FOR_EDDA, Paysim
from harness_server import Server, free_port
from process_commands import check_store
from process_ledger import check_ledger
from process_load import Load, Sent, User, check_record, repeat_unanswered

SECONDS = float(os.environ.get("EDDA_SOAK_SECONDS", "600"))
CLIENTS = int(os.environ.get("EDDA_SOAK_CLIENTS", "6"))
FAULTS = ("--success-rate", "1", "--latency-min-ms", "5", "--latency-max-ms", "80", "--hold-ms", "2000", "--act-then-timeout-rate", "0.05",
          "--act-then-500-rate", "0.05", "--refuse-rate", "0.05", "--webhook-late-rate", "0.2", "--webhook-late-max-ms", "3000",
          "--webhook-double-rate", "0.2", "--webhook-reorder-rate", "0.2")


class PacedLoad(Load):
    """Of a rate that leaves so many orders after ten minutes as can all be compared. Whatever is not "created" is asked again after the
    round: a halted server may answer "unavailable" and have stored the order."""

    def one(self, caller, draw):
        self.stopping.wait(draw.expovariate(5))
        placed = [sent for sent in caller.user.sent[-8:] if sent.id and not sent.cancel_sent]
        if placed and draw.random() < 0.2:
            self.statuses.append(caller.cancel(draw.choice(placed)).status_code)
            return
        sent = Sent(caller.user, old=draw.random() < 0.4, declined=draw.random() < 0.1)
        caller.user.sent.append(sent)
        answer = caller.place(sent)
        assert answer.status_code in (201, 409, 429, 503), answer.text
        self.statuses.append(answer.status_code)


def start_gateway(paysim, draw, webhook_url):
    """With other faults each time: a key that is refused again after every restart would have its saga parked, as it should be."""
    paysim.arguments = (*FAULTS, "--webhook-url", webhook_url, "--seed", str(draw.randrange(2**32)))
    return paysim.start()


def halt(process, seconds):
    """The process stands still, as under a debugger or on a machine that swaps; its clock runs on."""
    process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    process.send_signal(signal.SIGCONT)


def harm(draw, server, paysim, webhook_url, done):
    """One round's harm. The server does not run afterwards."""
    for _ in range(draw.randrange(4)):
        time.sleep(draw.uniform(0.1, 1))
        kind = draw.choice(("halt_server", "halt_gateway", "kill_gateway", "stop_gateway"))
        done[kind] += 1
        if kind == "halt_server":
            halt(server.process, draw.expovariate(1))
        elif kind == "halt_gateway":
            halt(paysim.process, draw.expovariate(1))
        else:
            paysim.kill() if kind == "kill_gateway" else paysim.stop()
            time.sleep(draw.uniform(0, 1))
            start_gateway(paysim, draw, webhook_url)
    time.sleep(draw.uniform(0.1, 2))
    if draw.random() < 0.25:
        done["stop"] += 1
        assert server.stop() == 0
        return
    done["kill"] += 1
    server.kill()
    for _ in range(draw.choice((0, 0, 1, 2))):  # again and again while it recovers
        done["kill_at_start"] += 1
        server.launch()
        time.sleep(draw.uniform(0, 0.5))
        server.kill()


@pytest.fixture
def both():
    started = []
    yield started
    for one in reversed(started):
        if one.process and one.process.poll() is None:
            one.kill()


def test_random_kills(both, tmp_path):
    seed = os.environ.get("EDDA_SEED", str(time.time_ns()))
    print(f"\nEDDA_SEED={seed}, {SECONDS:.0f} s, {CLIENTS} clients")
    draw, port, done = random.Random(seed), free_port(), collections.Counter()
    binary = str(pathlib.Path(os.environ["EDDA_BIN"]).resolve())
    webhook_url = f"http://127.0.0.1:{port}/v1/webhooks/payments"
    paysim = Paysim(binary, tmp_path)
    both.append(start_gateway(paysim, draw, webhook_url))
    # In the environment, so that commands on the stopped store know of it too.
    server = Server(binary, tmp_path, FOR_EDDA | {"EDDA_GATEWAY_URL": paysim.url}, port=port)
    both.append(server.start())
    users = [User(server.url) for _ in range(CLIENTS)]
    end, said = time.monotonic() + SECONDS, time.monotonic()
    while time.monotonic() < end:
        done["rounds"] += 1
        load = PacedLoad(server, users, f"{seed}/{done['rounds']}").start()
        harm(draw, server, paysim, webhook_url, done)
        load.stopping.set()
        load.join()
        server.start()
        done["repeated"] += repeat_unanswered(server.url, users)
        if time.monotonic() - said > 30:
            said = time.monotonic()
            print(f"{end - said:.0f} s to go; {sum(len(user.sent) for user in users)} orders, {dict(done)}", flush=True)
    orders = check_record(server.url, users)
    check_store(server)
    assert server.stop() == 0
    check_store(server)
    assert paysim.stop() == 0
    entries = check_ledger(paysim.ledger, orders)
    print(f"{len(orders)} orders, {len(entries)} entries at the gateway, {dict(done)}: all agree")
