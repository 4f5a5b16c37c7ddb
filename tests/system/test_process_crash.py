"""SIGKILL under load, again and again on one data folder: nothing acknowledged is lost, nothing happens twice."""

import os
import random
import time

import pytest

from conftest import CERTAIN
from harness_server import Server
from process_commands import check_store
from process_ledger import check_ledger
from process_load import Load, User, check_record, repeat_unanswered

ROUNDS = int(os.environ.get("EDDA_CRASH_ROUNDS", "20"))
CLIENTS = 6


@pytest.fixture
def seed():
    """EDDA_SEED tries a run's draws again; when the machine's moments fall elsewhere, so do the kills."""
    value = os.environ.get("EDDA_SEED", str(time.time_ns()))
    print(f"EDDA_SEED={value}")
    return value


def test_killed_at_random_moments(binary, tmp_path, seed):
    draw = random.Random(seed)
    server = Server(binary, tmp_path, CERTAIN | {"EDDA_PAYMENT_LATENCY_MS_MAX": "150"})
    server.start()
    users = [User(server.url) for _ in range(CLIENTS)]
    for number in range(ROUNDS):
        load = Load(server, users, f"{seed}/{number}").start()
        time.sleep(draw.uniform(0.05, 0.6))
        server.kill()
        load.stopping.set()
        load.join()
        server.start()
        repeat_unanswered(server.url, users)
    orders = check_record(server.url, users)
    assert len(orders) > ROUNDS
    check_store(server)
    assert server.stop() == 0
    check_store(server)
    check_ledger(tmp_path / "data" / "payments.ledger", orders)
