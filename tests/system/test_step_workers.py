"""The workers that docs/step-workers.md describes, fed with the messages that it shows."""

import json
import os
import re
import subprocess
import sys

import pytest

from harness_kafka import ROOT, Kafka
from harness_paysim import SECRET, Paysim
from harness_server import eventually

SHARD = 3


@pytest.fixture(scope="module")
def kafka(tmp_path_factory):
    server = Kafka(tmp_path_factory.mktemp("kafka")).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def documented():
    """The two JSON examples of the page: a step and its result."""
    page = (ROOT / "docs/step-workers.md").read_text()
    step, result = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL))
    return step, result


def answers(kafka, prefix, step):
    """What was said of the step, which is asked for as the owner does it: again and again until there is an answer."""
    kafka.put(prefix + "saga-steps", SHARD, step["key"], json.dumps(step))
    results = [json.loads(message.value()) for message in kafka.read(prefix + "saga-results", SHARD, 1000, seconds=2)]
    return [result for result in results if result["key"] == step["key"]]


def test_the_example_performs_each_key_once_and_answers_in_the_documented_form(kafka, documented):
    step, result = documented
    kafka.create("py.saga-steps", "py.saga-results")
    late = step | {"key": step["key"].replace("payment_processing", "late"), "not_after": "2020-01-01T00:00:00.000Z"}
    void = step | {"key": step["key"].replace("forward", "void"), "direction": "void", "forward_key": step["key"]}
    worker = subprocess.Popen([sys.executable, ROOT / "examples/step_worker.py", "py."], env=os.environ | {"KAFKA_BROKER": kafka.broker})
    try:
        done = eventually(lambda: answers(kafka, "py.", step), "the step is answered", 60)[0]
        refused = eventually(lambda: answers(kafka, "py.", late), "the late one is answered", 60)[0]
        voided = eventually(lambda: answers(kafka, "py.", void), "the void is answered", 60)[0]
        same = answers(kafka, "py.", step)
    finally:
        worker.terminate()
        assert worker.wait(30) == 0
    assert done.keys() == result.keys()
    for name in ("send", "key", "order", "attempt", "outcome"):
        assert done[name] == result[name]
    assert all(answer == done for answer in same)
    assert refused["outcome"] == "failed"
    assert (voided["outcome"], voided["reference"]) == ("declined", done["reference"])


def test_edda_worker_performs_steps_at_its_gateway(kafka, documented, binary, tmp_path):
    step, result = documented
    kafka.create("cpp.saga-steps", "cpp.saga-results")
    paysim = Paysim(binary, tmp_path, "--latency-min-ms", "0", "--latency-max-ms", "0", "--success-rate", "1").start()
    worker = subprocess.Popen([binary, "worker", "--topic-prefix", "cpp.", "--gateway-url", paysim.url],
                              env=os.environ | {"KAFKA_BROKER": kafka.broker, "EDDA_GATEWAY_SECRET": SECRET})
    try:
        done = eventually(lambda: answers(kafka, "cpp.", step), "the step is answered", 60)[0]
    finally:
        worker.terminate()
        assert worker.wait(30) == 0
        paysim.stop()
    assert done.keys() == result.keys()
    assert done["outcome"] == "succeeded"
    assert len([line for line in paysim.ledger.read_text().splitlines() if step["key"] in line]) == 1


def test_edda_worker_says_what_it_lacks(binary):
    environment = {name: value for name, value in os.environ.items() if name != "KAFKA_BROKER"}
    lacking = subprocess.run([binary, "worker"], env=environment, capture_output=True, text=True, timeout=30)
    assert lacking.returncode == 2
    assert "--brokers" in lacking.stderr
