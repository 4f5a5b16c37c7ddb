#!/usr/bin/env python3
"""A worker for steps that Edda hands out over Kafka (docs/step-workers.md): pip install confluent-kafka.
Usage: KAFKA_BROKER=127.0.0.1:9092 examples/step_worker.py [TOPIC_PREFIX]"""

import datetime
import json
import os
import signal
import sys

from confluent_kafka import Consumer, Producer

done = {}  # key -> answer. A real worker keeps this where it outlives the process, in one transaction with the effect.


def perform(step):
    """One effect and one answer for each key, however often it is asked for."""
    if step["key"] in done:
        return done[step["key"]]
    not_after = step.get("not_after")
    if not_after and datetime.datetime.now(datetime.timezone.utc) > datetime.datetime.fromisoformat(not_after.replace("Z", "+00:00")):
        return {"outcome": "failed", "reason": "too late: it is not done any more"}
    if step["direction"] == "void":  # from now on the action must not happen; if it has happened already, say "declined"
        before = done.setdefault(step["forward_key"], {"outcome": "declined", "reason": "voided"})
        answer = {**before, "outcome": "declined"} if before["outcome"] == "succeeded" else {"outcome": "succeeded"}
    else:  # step["action"]: charge_payment, refund_payment ... Here the work is done.
        answer = {"outcome": "succeeded", "reference": f"example-{step['key']}"}
    return done.setdefault(step["key"], answer)


def main():
    prefix = sys.argv[1] if len(sys.argv) > 1 else ""
    brokers = {"bootstrap.servers": os.environ["KAFKA_BROKER"]}
    consumer = Consumer({**brokers, "group.id": prefix + "step-workers", "auto.offset.reset": "latest", "partition.assignment.strategy": "range"})
    producer = Producer(brokers)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    consumer.subscribe([prefix + "saga-steps"])
    while True:
        message = consumer.poll(1.0)
        if message is None or message.error():
            continue
        step = json.loads(message.value())
        result = {name: step[name] for name in ("send", "key", "order", "attempt")} | perform(step)
        trace = [header for header in message.headers() or [] if header[0] == "traceparent"]
        producer.produce(prefix + "saga-results", partition=message.partition(), key=message.key(), value=json.dumps(result), headers=trace)
        producer.flush(5)


if __name__ == "__main__":
    main()
