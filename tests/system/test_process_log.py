"""What a node logs: one JSON object a line, with the ids of what it is about, from a level on that is changed while it runs, and capped."""

import json
import re
import secrets

import requests

from conftest import CERTAIN
from harness_client import fresh, new_order
from harness_server import Server, eventually
from process_commands import run
from process_load import User


def entries(server):
    """Behind what is for people, every line is an object."""
    lines = (server.folder / "stderr").read_text().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


def edda(server, *arguments):
    done = run(server.binary, *arguments, "--data", server.folder / "data", "--json", environment=server.environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_the_level_is_changed_while_the_node_runs(binary, tmp_path):
    with Server(binary, tmp_path, CERTAIN) as server:
        user = User(server.url)
        assert edda(server, "log-level")["level"] == "info"
        trace, headers = secrets.token_hex(16), {"Authorization": f"Bearer {user.token}"}

        def place(request):
            sent = headers | {"Idempotency-Key": fresh("key"), "X-Request-Id": request, "traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
            return requests.post(server.url + "/v1/orders", json=new_order(), headers=sent, timeout=30).json()["id"]
        place("before")
        assert edda(server, "log-level", "--to", "debug", "--reason", "a look") | {"node": ""} == {"node": "", "from": "info", "to": "debug"}
        order = place("while")
        ended = eventually(lambda: [entry for entry in entries(server) if entry["message"] == "a saga ended" and entry["correlation"] == order],
                           "the saga's end is logged")[0]
        assert edda(server, "log-level", "--to", "info", "--reason", "seen enough")["from"] == "debug"
        place("after")
    assert ended["trace_id"] == trace and ended["state"] == "completed" and ended["level"] == "debug"
    log = entries(server)
    answered = {entry["request"]: entry for entry in log if entry["message"] == "a request was answered"}
    assert "while" in answered and not answered.keys() & {"before", "after"}
    assert answered["while"]["trace_id"] == trace and answered["while"]["status"] == "201" and answered["while"]["route"] == "/v1/orders"
    step = next(entry for entry in log if entry["message"] == "a step was answered" and entry["correlation"] == order)
    assert step["trace_id"] == trace and step["outcome"] == "succeeded"
    changes = [entry for entry in log if entry["message"] == "the log level was changed"]
    assert [(entry["from"], entry["to"], entry["reason"]) for entry in changes] == [("info", "debug", "a look"), ("debug", "info", "seen enough")]
    assert all(entry["level"] == "info" and entry["by"] and entry["time"] for entry in changes)


def test_of_a_second_only_so_many_entries_are_written(binary, tmp_path):
    with Server(binary, tmp_path, CERTAIN | {"LOG_LEVEL": "debug", "EDDA_SERVER_LOG_RATE_MAX": "3"}) as server:
        def left_out():
            requests.get(server.url + "/livez", timeout=10)
            text = requests.get(server.url + "/metrics", timeout=10).text
            return float(re.search(r"^edda_log_entries_left_out_total (\S+)$", text, re.M)[1])
        eventually(lambda: left_out() > 0 and any("entries were left out" in entry["message"] for entry in entries(server)), "the limit is felt")
    told = next(entry for entry in entries(server) if "entries were left out" in entry["message"])
    assert int(told["entries"]) > 0 and told["level"] == "warn"
