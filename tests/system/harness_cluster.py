"""Several nodes on one PostgreSQL, with one payment gateway."""

import itertools

import requests

from harness_client import fresh, new_order
from harness_paysim import FOR_EDDA, Paysim
from harness_server import Server, eventually, free_port

numbers = itertools.count(1)


class Cluster:
    """Each node has a data folder and a port of its own, which it keeps over restarts."""

    def __init__(self, binary, folder, postgres, size=3, environment=None, paysim=()):
        self.postgres, self.database = postgres, f"edda_{next(numbers)}"
        postgres.create(self.database)
        self.paysim = Paysim(binary, folder, *paysim)
        known = postgres.for_edda(self.database) | FOR_EDDA | {"EDDA_GATEWAY_TIMEOUT_MS": "2000"}
        known |= {"EDDA_GATEWAY_URL": self.paysim.url} | (environment or {})
        self.nodes = []
        for number in range(1, size + 1):
            name = f"node-{number}"
            self.nodes.append(Server(binary, folder / name, known | {"NODE_ID": name}, port=free_port()))

    def start(self):
        self.paysim.start()
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            eventually(node.is_ready, "the node is ready", 60)
        return self

    def ask(self, query):
        return self.postgres.ask(self.database, query)

    def owners(self):
        """How many shards each node has, by the store."""
        return {name: int(count) for name, count in self.ask("select owner, count(*) from edda.shards group by owner")}

    def wait_for_fair_shares(self, living, shards=16):
        """Every shard is a living node's, and none has more than its share."""
        fair = {shards // len(living), -(-shards // len(living))}
        names = {node.environment["NODE_ID"] for node in living}

        def shared():
            owners = self.owners()
            return set(owners) == names and set(owners.values()) <= fair
        eventually(shared, f"{sorted(names)} have even shares", 30)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        for node in self.nodes:
            if node.process and node.process.poll() is None:
                node.kill()
        if self.paysim.process and self.paysim.process.poll() is None:
            self.paysim.kill()


def log_in(node, email, password):
    answer = requests.post(node.url + "/v1/auth/login", json={"email": email, "password": password}, timeout=30)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def place(node, headers, product=None, key=None):
    answer = requests.post(node.url + "/v1/orders", json=new_order(product), timeout=30,
                           headers=headers | {"Idempotency-Key": key or fresh("key")})
    assert answer.status_code == 201, answer.text
    return answer.json()
