"""A node that speaks TLS to everything, and signs in everywhere: PostgreSQL, Redis and Kafka, all from the configuration."""

import shutil
import subprocess

import pytest
import requests

from harness_cluster import Cluster, place
from harness_kafka import Kafka
from harness_postgres import Postgres
from harness_redis import Redis
from harness_server import eventually, free_port
from process_load import User, wait_for_ends

PASSWORD = "correct horse, it's \"battery\" \\staple"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """For "localhost", by an authority that no machine knows: (certificate, key)."""
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "key.pem", "-out",
                    folder / "certificate.pem", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                   check=True, capture_output=True, timeout=60)
    return folder / "certificate.pem", folder / "key.pem"


@pytest.fixture
def postgres(certificate):
    server = Postgres()
    for source, name in zip(certificate, ("server.crt", "server.key")):
        shutil.copy(source, server.data / name)
        shutil.chown(server.data / name, server.account.get("user"), server.account.get("group"))
        (server.data / name).chmod(0o600)
    (server.data / "pg_hba.conf").write_text("local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n")
    server.settings += ["ssl=on"]
    server.start()
    quoted = PASSWORD.replace("'", "''")
    server.ask("postgres", f"alter role {server.USER} password '{quoted}'")
    yield server
    server.stop()


@pytest.fixture
def redis(certificate, tmp_path):
    server = Redis(tmp_path)
    server.tls_port = free_port()
    server.arguments = ["--tls-port", server.tls_port, "--tls-cert-file", certificate[0], "--tls-key-file", certificate[1],
                        "--tls-auth-clients", "no", "--user", "edda", "on", f">{server.PASSWORD}", "~*", "&*", "+@all"]
    yield server.start()
    server.kill()


@pytest.fixture
def kafka(certificate, tmp_path):
    both = tmp_path / "both.pem"
    both.write_text(certificate[1].read_text() + certificate[0].read_text())
    server = Kafka(tmp_path)
    server.tls_port, server.controller = free_port(), free_port()
    plain = f"PLAINTEXT://127.0.0.1:{server.port}"
    secure = f"SECURE://localhost:{server.tls_port}"
    server.lines = [
        f"listeners={plain},CONTROLLER://127.0.0.1:{server.controller},{secure}", f"advertised.listeners={plain},{secure}",
        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL",
        "listener.name.secure.sasl.enabled.mechanisms=PLAIN",
        "listener.name.secure.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required"
        " user_edda=\"correct horse\";",
        "listener.name.secure.ssl.keystore.type=PEM", f"listener.name.secure.ssl.keystore.location={both}"]
    yield server.start()
    server.stop()


def database(certificate, **other):
    return {"DATABASE_HOST": "localhost", "DATABASE_PASSWORD": PASSWORD, "DATABASE_SSLMODE": "verify-full",
            "DATABASE_CA_FILE": str(certificate[0])} | other


def component(node, name):
    parts = requests.get(node.url + "/health/detailed", timeout=30).json()["components"]
    return next(part["status"] for part in parts if part["name"] == name)


def test_everything_over_tls(binary, tmp_path, certificate, postgres, redis, kafka):
    known = database(certificate) | {
        "REDIS_HOST": "localhost", "REDIS_PORT": str(redis.tls_port), "REDIS_USER": "edda", "REDIS_PASSWORD": redis.PASSWORD,
        "REDIS_TLS": "true", "REDIS_CA_FILE": str(certificate[0]),
        "KAFKA_BROKER": f"localhost:{kafka.tls_port}", "KAFKA_SECURITY_PROTOCOL": "sasl_ssl", "KAFKA_SASL_MECHANISM": "PLAIN",
        "KAFKA_USER": "edda", "KAFKA_PASSWORD": "correct horse", "KAFKA_CA_FILE": str(certificate[0])}
    with Cluster(binary, tmp_path, postgres, size=1, environment=known, paysim=("--success-rate", 1)) as cluster:
        node = cluster.nodes[0]
        sessions = cluster.ask("select count(*), bool_and(ssl) from pg_stat_ssl join pg_stat_activity using (pid)"
                               " where application_name like 'edda %'")[0]
        assert int(sessions[0]) > 0 and sessions[1] == "t"
        for name in ("redis", "kafka"):
            eventually(lambda name=name: component(node, name) == "up", f"{name} is reached", 60)
        user = User(node.url)
        place(node, {"Authorization": f"Bearer {user.token}"})
        assert [order["status"] for order in wait_for_ends(node.url, [user]).values()] == ["paid"]
        eventually(lambda: kafka.read("order-events", 0, 1, 1) or any(kafka.read("order-events", shard, 1, 1) for shard in range(1, 16)),
                   "it is published", 60)
        for secret in (PASSWORD, redis.PASSWORD, "correct horse"):
            assert secret not in node.log(10_000)


@pytest.mark.parametrize("wrong, setting", [
    ({"DATABASE_PASSWORD": "hunter2"}, "database.user, database.password"),
    ({"DATABASE_CA_FILE": "/etc/ssl/certs/ca-certificates.crt"}, "database.tls, database.ca_file"),
    ({"DATABASE_SSLMODE": "disable", "DATABASE_CA_FILE": ""}, "database.user, database.password")])
def test_what_is_wrong_ends_the_start_at_once(binary, tmp_path, certificate, postgres, wrong, setting):
    cluster = Cluster(binary, tmp_path, postgres, size=1, environment=database(certificate, **wrong))
    node = cluster.nodes[0]
    node.launch()
    try:
        assert node.process.wait(20) == 2, node.log()
    finally:
        cluster.__exit__()
    assert f"edda: {setting}: " in node.log() and "hunter2" not in node.log(), node.log()
