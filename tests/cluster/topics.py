"""What the topics hold, against the log: every event at least once, first occurrences in order, no hole. Each look goes on from the last."""

import os
import subprocess

import requests
from confluent_kafka import Consumer, TopicPartition

from harness_server import ADMIN, eventually

TOPICS = ("order-events", "payment-events", "saga-events")


class Topics:
    def __init__(self, cluster):
        self.cluster = cluster
        self.seen = {}  # (shard, position): type
        self.last = {}  # (topic, partition): position of the last first occurrence
        self.consumer = Consumer({"bootstrap.servers": f"127.0.0.1:{cluster.ports['KAFKA_PORT']}", "group.id": "cluster-test",
                                  "enable.auto.commit": False, "fetch.wait.max.ms": 10, "log_level": 0})
        self.offsets = {}

    def check(self):
        """When the feed has caught up, the topics hold the log."""
        answer = requests.post(self.cluster.url + "/v1/auth/login", json=ADMIN, timeout=30).json()
        headers = {"Authorization": f"Bearer {answer['access_token']}"}

        def caught_up():
            shards = requests.get(self.cluster.url + "/v1/shards", headers=headers, timeout=30).json()["shards"]
            return all(shard["alive"] and shard["lag"] == 0 for shard in shards)
        eventually(caught_up, "the feed has caught up", 120, 0.2)
        wanted = self.logged()
        for message in self.new_messages():
            self.note(message)
        assert self.seen == wanted, f"{len(wanted)} events in the log, {len(self.seen)} in the topics"

    def logged(self):
        """All events that belong into a topic, by the store."""
        secret = (self.cluster.folder / "cluster/secrets/database").read_text().strip()
        done = subprocess.run(["psql", "-h", "127.0.0.1", "-p", self.cluster.ports["POSTGRES_PORT"], "-U", "edda", "-d", "edda", "-AtXF", " ", "-c",
                               "select shard, pos, type from edda.events where type ~ '^(Order|Payment|Saga)'"],
                              env={"PATH": os.environ["PATH"], "PGPASSWORD": secret}, capture_output=True, text=True, timeout=60, check=True)
        rows = (line.split() for line in done.stdout.splitlines())
        return {(int(shard), int(position)): kind for shard, position, kind in rows}

    def new_messages(self):
        places = []
        for topic in TOPICS:
            for partition in self.consumer.list_topics(topic, timeout=20).topics[topic].partitions:
                places.append(TopicPartition(topic, partition, self.offsets.get((topic, partition), 0)))
        left = 0
        for place in places:
            end = self.consumer.get_watermark_offsets(place, timeout=20)[1]
            left += end - place.offset
            self.offsets[place.topic, place.partition] = end
        self.consumer.assign(places)
        messages = []
        while len(messages) < left:
            got = self.consumer.consume(min(1000, left - len(messages)), timeout=20)
            assert got, f"the topics end after {len(messages)} of {left}"
            messages += got
        return messages

    def note(self, message):
        headers = {name: value.decode() for name, value in message.headers()}
        shard, position = int(headers["shard"]), int(headers["position"])
        assert shard == message.partition(), headers
        if (shard, position) in self.seen:
            assert self.seen[shard, position] == headers["type"], headers
            return
        lane = (message.topic(), shard)
        assert int(headers["prev_position"]) == self.last.get(lane, 0) < position, (lane, self.last.get(lane, 0), headers)
        self.seen[shard, position], self.last[lane] = headers["type"], position

    def close(self):
        self.consumer.close()
