"""`edda migrate`: the store is there and up to date before the first node starts, and nobody is locked out of it."""

import pytest
import requests

from harness_server import Server
from process_commands import run


def test_it_makes_a_store_whose_first_administrator_can_sign_in(binary, tmp_path):
    data = tmp_path / "data"
    for time in ("first", "second"):
        done = run(binary, "migrate", "--data", data)
        assert done.returncode == 0, (time, done.stderr)
    password = (data / "admin-password").read_text().strip()
    assert password not in done.stdout + done.stderr
    with Server(binary, tmp_path, {"ADMIN_EMAIL": "", "ADMIN_PASSWORD": ""}) as server:
        answer = requests.post(server.url + "/v1/auth/login", json={"email": "admin@edda.local", "password": password}, timeout=10)
        assert answer.status_code == 200, answer.text


def test_an_import_into_a_new_store_leaves_its_administrators_password_too(binary, tmp_path):
    data = tmp_path / "data"
    (tmp_path / "users.json").write_text("[]")
    done = run(binary, "user", "import", tmp_path / "users.json", "--data", data)
    assert done.returncode == 0 and "admin-password" in done.stderr, done.stderr
    assert (data / "admin-password").read_text().strip() not in done.stdout + done.stderr


def test_it_makes_a_postgresql_store(binary, tmp_path, postgres):
    postgres.create("migrated")
    environment = postgres.for_edda("migrated")
    for _ in range(2):
        done = run(binary, "migrate", "--data", tmp_path / "data", environment=environment)
        assert done.returncode == 0 and "migrated" in done.stderr, done.stderr
    # What is asked for is there, and nobody acts for it yet.
    assert postgres.ask("migrated", "select 1 from edda.users")
    assert not postgres.ask("migrated", "select 1 from edda.nodes")


def test_it_says_why_it_could_not(binary, tmp_path):
    environment = {"DATABASE_HOST": "127.0.0.1", "DATABASE_PORT": "1", "DATABASE_USER": "edda", "DATABASE_PASSWORD": "not needed here"}
    done = run(binary, "migrate", "--data", tmp_path / "data", environment=environment)
    assert done.returncode == 1 and "edda: " in done.stderr and "not needed here" not in done.stderr, done.stderr
