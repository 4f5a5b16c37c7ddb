"""What is wrong in the configuration is said, with exit code 2; and secrets are said nowhere."""

import stat

import pytest
import requests

from conftest import CERTAIN
from harness_server import Server, free_port
from process_commands import run
from process_load import User

CANARIES = {"JWT_SECRET": "canary-access-0123456789abcdef0123456789",
            "JWT_REFRESH_SECRET": "canary-refresh-0123456789abcdef012345678",
            "ADMIN_PASSWORD": "canary-admin-password-0123456789"}
PRODUCTION = {"NODE_ENV": "production", "EDDA_PAYMENT_SIMULATOR_IN_PRODUCTION": "true"}


def serve(binary, folder, environment=None, *arguments):
    return run(binary, "serve", "--data", folder / "data", "--port", free_port(), *arguments, environment=environment)


@pytest.mark.parametrize("environment, said", [
    ({"PORT": "seventy"}, "PORT"),
    ({"PORT": "70000"}, "65535"),
    ({"EDDA_PAYMENT_SUCCESS_RATE": "1.5"}, "payment.success_rate"),
    ({"JWT_EXPIRES_IN": "soon"}, "JWT_EXPIRES_IN"),
    ({"NODE_ENV": "holiday"}, "production"),
    ({"JWT_SECRET_FILE": "/nowhere/secret"}, "JWT_SECRET_FILE"),
    (PRODUCTION | {"JWT_SECRET": "canary-short"}, "jwt_secret"),
    ({"NODE_ENV": "production"} | CANARIES, "simulator"),
])
def test_wrong_environment(binary, tmp_path, environment, said):
    arguments = [] if "PORT" not in environment else ["--data", tmp_path / "data"]
    done = (run(binary, "serve", *arguments, environment=environment) if arguments
            else serve(binary, tmp_path, environment))
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert said.lower() in done.stderr.lower()
    assert "canary" not in done.stdout + done.stderr
    assert not (tmp_path / "data" / "edda.sqlite3").exists()


@pytest.mark.parametrize("arguments, said", [
    (["--set", "payment.sucess_rate=1"], "payment.success_rate"),
    (["--set", "payment.success_rate"], "="),
    (["--prot", "1"], "--prot"),
    (["--config", "/nowhere/edda.toml"], "edda.toml"),
    (["--set", "auth.jwt_secret=canary-short", "--mode", "production"], "jwt_secret"),
])
def test_wrong_arguments(binary, tmp_path, arguments, said):
    done = serve(binary, tmp_path, None, *arguments)
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    assert said in done.stderr
    assert "canary" not in done.stdout + done.stderr


def test_wrong_file(binary, tmp_path):
    for text in ("[payment", "[payment]\nsucess_rate = 1\n", "[payment]\nsuccess_rate = 7\n"):
        file = tmp_path / "edda.toml"
        file.write_text(text, encoding="utf-8")
        done = serve(binary, tmp_path, None, "--config", file)
        assert done.returncode == 2, (text, done.stdout, done.stderr)
        assert "edda.toml" in done.stderr, done.stderr


def test_a_taken_port(binary, tmp_path):
    with Server(binary, tmp_path / "first", CERTAIN) as first:
        done = run(binary, "serve", "--data", tmp_path / "second", "--port", first.port)
        assert done.returncode not in (0, 2)
        assert str(first.port) in done.stderr


def test_secrets_are_said_nowhere(binary, tmp_path):
    server = Server(binary, tmp_path, CERTAIN | CANARIES | {"LOG_LEVEL": "debug"}).start()
    login = requests.post(server.url + "/v1/auth/login", timeout=10, json={
        "email": "admin@example.com", "password": CANARIES["ADMIN_PASSWORD"]}).json()
    headers = {"Authorization": f"Bearer {login['access_token']}"}
    user = User(server.url)
    said = [requests.get(server.url + path, headers=headers, timeout=10).text for path in (
        "/metrics", "/v1/config", "/health/detailed", "/readyz?verbose", "/version", "/v1/audit", "/v1/users", "/v1/events",
        "/trace/events", "/v1/nothing", "/orders/nothing")]
    said.append(requests.post(server.url + "/v1/auth/login", json={"email": "admin@example.com", "password": 17},
                              timeout=10).text)
    for command in (["config", "show"], ["config", "show", "--json"], ["doctor"], ["health"]):
        done = run(binary, *command, "--data", tmp_path / "data", environment=server.environment)
        said.append(done.stdout + done.stderr)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (tmp_path / "data").iterdir()}
    assert server.stop() == 0
    said += [(tmp_path / name).read_text(errors="replace") for name in ("stdout", "stderr")]
    hidden = [*CANARIES.values(), "canary", user.token, login["access_token"], login["refresh_token"], "long enough for anybody"]
    for text in said:
        for secret in hidden:
            assert secret not in text, text[:2000]
    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) & 0o077 == 0
    for file in (tmp_path / "data").iterdir():
        content = file.read_bytes()
        for secret in CANARIES.values():
            assert secret.encode() not in content, file.name


def test_a_made_up_password_is_left_for_the_owner_alone(binary, tmp_path):
    server = Server(binary, tmp_path, CERTAIN)
    for name in ("ADMIN_PASSWORD", "JWT_SECRET", "JWT_REFRESH_SECRET"):
        del server.environment[name]
    with server:
        file = tmp_path / "data" / "admin-password"
        password = file.read_text(encoding="utf-8").strip()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        answer = requests.post(server.url + "/v1/auth/login", json={"email": "admin@example.com", "password": password},
                               timeout=10)
        assert answer.status_code == 200
        token = answer.json()["access_token"]
    assert password not in (tmp_path / "stderr").read_text() + (tmp_path / "stdout").read_text()
    with server:
        # The secret that was made up outlives the process: so do its tokens.
        assert requests.get(server.url + "/protected", headers={"Authorization": f"Bearer {token}"}, timeout=10).status_code == 200
