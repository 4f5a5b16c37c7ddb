"""The topics, after whatever the tests before did to nodes and broker: every event at least once, first occurrences in order, no hole."""

import collections

import requests
from confluent_kafka import Consumer, TopicPartition

from harness_server import ADMIN, eventually

TOPICS = ("order-events", "payment-events", "saga-events")


def as_administrator(cluster):
    answer = requests.post(cluster.url + "/v1/auth/login", json=ADMIN, timeout=30).json()
    return {"Authorization": f"Bearer {answer['access_token']}"}


def logged(cluster, headers):
    """{(shard, position): type} of all events that belong into a topic."""
    found, query = {}, {"limit": 100}
    while True:
        page = requests.get(cluster.url + "/v1/events", params=query, headers=headers, timeout=30).json()
        found |= {(event["shard"], event["position"]): event["type"] for event in page["events"]}
        if not page["has_more"]:
            return {place: kind for place, kind in found.items() if kind.startswith(("Order", "Payment", "Saga"))}
        query["cursor"] = page["next_cursor"]


def published(broker):
    """{topic: {partition: the headers of its messages, in their order}}"""
    consumer = Consumer({"bootstrap.servers": broker, "group.id": "cluster-test", "enable.auto.commit": False})
    found = collections.defaultdict(dict)
    try:
        for topic in TOPICS:
            for partition in consumer.list_topics(topic, timeout=20).topics[topic].partitions:
                place = TopicPartition(topic, partition, 0)
                left = consumer.get_watermark_offsets(place, timeout=20)[1]
                consumer.assign([place])
                messages = []
                while len(messages) < left:
                    got = consumer.consume(min(500, left - len(messages)), timeout=20)
                    assert got, f"{topic} {partition} ends after {len(messages)} of {left}"
                    messages += got
                found[topic][partition] = [{name: value.decode() for name, value in message.headers()} for message in messages]
    finally:
        consumer.close()
    return found


def test_topics_hold_every_event_in_order(cluster):
    headers = as_administrator(cluster)

    def caught_up():
        shards = requests.get(cluster.url + "/v1/shards", headers=headers, timeout=30).json()["shards"]
        return all(shard["alive"] and shard["lag"] == 0 for shard in shards)
    eventually(caught_up, "the feed has caught up", 120, 0.5)

    wanted = logged(cluster, headers)
    seen = {}
    for topic, partitions in published(f"127.0.0.1:{cluster.status()['kafka']['port']}").items():
        for partition, messages in partitions.items():
            last = 0
            for message in messages:
                assert int(message["shard"]) == partition, message
                place = (partition, int(message["position"]))
                if place in seen:
                    assert seen[place] == message["type"], message
                    continue
                assert int(message["prev_position"]) == last < place[1], (topic, message, last)
                seen[place], last = message["type"], place[1]
    assert seen == wanted
