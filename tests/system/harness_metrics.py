"""What a node measures: the text it serves, and what docs/operations.md says of it."""

import pathlib
import re

import requests

DOCS = pathlib.Path(__file__).resolve().parents[2] / "docs"
SERIES_MAX = 5000  # of a node
# Nobody listens there: metrics of Redis and Kafka exist all the same, and both are away.
NOBODY = {"REDIS_HOST": "127.0.0.1", "REDIS_PORT": "1", "KAFKA_BROKER": "127.0.0.1:1"}


def served(url):
    """Of the node at `url`: {name: (type, labels)} by the names of its documentation, and the number of its series."""
    text = requests.get(url + "/metrics", timeout=10).text
    types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.M))
    labels = {name: set() for name in types}
    series = re.findall(r"^([a-z_]+)(?:\{(.*?)\})? \S+(?: # .*)?$", text, re.M)
    for name, inside in series:
        family = name if name in types else re.sub(r"_(total|bucket|count|sum)$", "", name)
        labels[family] |= set(re.findall(r'(\w+)="', inside)) - {"le"}
    return {name + ("_total" if kind == "counter" else ""): (kind, labels[name]) for name, kind in types.items()}, len(series)


def documented():
    """{name: (type, labels)} as the tables of docs/operations.md have them."""
    rows = re.findall(r"^\| `((?:edda|process)_[a-z_]+)(?:\{([a-z,]+)\})?` \| (counter|gauge|histogram) \|",
                      (DOCS / "operations.md").read_text(), re.M)
    names = [name for name, _, _ in rows]
    assert len(names) == len(set(names)), "a metric is listed twice"
    return {name: (kind, set(filter(None, labels.split(",")))) for name, labels, kind in rows}


def queryable():
    """The names of series that queries may use."""
    names = {"up"}
    for name, (kind, _) in documented().items():
        names |= {name + end for end in ("_bucket", "_count", "_sum")} if kind == "histogram" else {name}
    return names
