"""The payment simulator's ledger file, read without Edda's code: what the outside world saw."""

import collections
import re

RECORD_BYTES = 224
Entry = collections.namedtuple("Entry", "kind outcome minor currency id charge key")


def checksum(text):
    value = 2166136261
    for byte in text:
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return f"{value:08x}".encode()


def read_ledger(path):
    """All whole lines. A torn last line is no effect; a damaged one before the end fails."""
    data = path.read_bytes()
    lines = [data[at:at + RECORD_BYTES] for at in range(RECORD_BYTES, len(data), RECORD_BYTES)]
    entries = []
    for number, line in enumerate(lines):
        if len(line) < RECORD_BYTES or line[215:223] != checksum(line[:215]):
            assert number == len(lines) - 1, f"line {number + 1} of the ledger is damaged"
            continue
        text = line.decode("ascii")
        entries.append(Entry(text[0:6].strip(), text[7:16].strip(), int(text[17:33]), text[34:37], text[55:91],
                             text[92:128].strip(), text[129:214].strip()))
    return entries


def check_ledger(path, orders):
    """One effect at most for each key, one key for each (saga, step, direction), and the money that the orders say."""
    entries = read_ledger(path)
    keys = [entry.key for entry in entries]
    assert len(keys) == len(set(keys)), [key for key, count in collections.Counter(keys).items() if count > 1]
    assert all(re.fullmatch(r"[0-9a-f-]{36}/[a-z_]+/[a-z_]+", key) for key in keys)

    charges = collections.defaultdict(list)
    for entry in entries:
        if (entry.kind, entry.outcome) == ("charge", "succeeded"):
            charges[entry.key.split("/")[0]].append(entry)
    refunded = collections.Counter()
    for entry in entries:
        if (entry.kind, entry.outcome) == ("refund", "succeeded"):
            refunded[entry.charge] += entry.minor
    assert set(charges) <= {order["saga_id"] for order in orders.values()}, "charged for an order that does not stand"
    for order in orders.values():
        of_order = charges[order["saga_id"]]
        assert len(of_order) <= 1, f"order {order['id']} was charged {len(of_order)} times"
        kept = sum(charge.minor - refunded[charge.id] for charge in of_order)
        wanted = order["total"]["amount"] if order["status"] == "paid" else 0
        assert kept == wanted, f"order {order['id']} is {order['status']}, and the gateway keeps {kept}"
    return entries
