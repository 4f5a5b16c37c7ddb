"""deploy/compose/single.yaml: one node on a SQLite file."""

import json
import re

from compose import Project
from test_compose import left_over


def test_one_container_keeps_its_store_in_a_volume(engine, image):
    project = Project(engine, "deploy/compose/single.yaml")
    project.down()
    try:
        project.up()
        password = project.execute("edda", "cat", "/data/admin-password").strip()
        assert re.search(r"run-all-tests: \d+ passed, 0 failed", project.scenarios("http://127.0.0.1:3000", password=password))
        engine.kill_process_of(project.container("edda"))
        project.run("down", "--timeout", "20")
        project.up()
        checks = json.loads(project.execute("edda", "edda", "verify", "--json"))["checks"]
        assert all(check["ok"] for check in checks) and {check["name"]: check["checked"] for check in checks}["orders"] >= 76
        assert password == project.execute("edda", "cat", "/data/admin-password").strip()
    finally:
        project.down()
    assert left_over(engine) == ""
