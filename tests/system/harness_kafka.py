"""A Kafka broker (tools/kafka_node.sh) in a process of its own."""

import ctypes
import pathlib
import signal
import subprocess

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from harness_server import eventually, free_port

ROOT = pathlib.Path(__file__).parents[2]
START_DEADLINE_S = 240  # the first time it is fetched
PR_SET_PDEATHSIG = 1


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Kafka:
    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.broker = f"127.0.0.1:{self.port}"
        self.process, self.controller, self.lines = None, None, []

    def start(self):
        command = [ROOT / "tools/kafka_node.sh", self.folder / "node", self.port, self.controller or free_port(), *self.lines]
        with (self.folder / "kafka.log").open("ab") as log:
            self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            preexec_fn=die_with_parent)
        eventually(self.is_ready, "the broker is ready", START_DEADLINE_S)
        return self

    def is_ready(self):
        assert self.process.poll() is None, (self.folder / "kafka.log").read_text()
        try:
            return bool(AdminClient({"bootstrap.servers": self.broker, "log_level": 0}).list_topics(timeout=1).brokers)
        except KafkaException:
            return False

    def stop(self):
        self.process.kill()
        self.process.wait()

    def create(self, *topics, partitions=4):
        admin = AdminClient({"bootstrap.servers": self.broker})  # what it began ends with it
        for future in admin.create_topics([NewTopic(name, partitions, 1) for name in topics]).values():
            future.result()

    def put(self, topic, partition, key, value):
        producer = Producer({"bootstrap.servers": self.broker})
        producer.produce(topic, partition=partition, key=key, value=value)
        assert producer.flush(30) == 0

    def read(self, topic, partition, count, seconds=30):
        """The first `count` messages of a partition."""
        consumer = Consumer({"bootstrap.servers": self.broker, "group.id": "reader", "enable.auto.commit": False})
        consumer.assign([TopicPartition(topic, partition, 0)])
        messages = consumer.consume(count, timeout=seconds)
        consumer.close()
        return messages
