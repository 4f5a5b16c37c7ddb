"""compose.yaml for real: all of it up from nothing, the scenarios across its nodes, a node killed, a server cut off; and down again."""

import json
import re

import pytest

from compose import Project
from harness_server import eventually

NODES = ("nestjs-node-1", "nestjs-node-2", "nestjs-node-3")
NODE_URLS = tuple(f"http://127.0.0.1:{port}" for port in (3000, 3001, 3002))
NGINX = "http://127.0.0.1:8090"


def left_over(engine):
    """What a project that was taken down should have taken along, as text."""
    kinds = (("ps", "--all"), ("volume", "ls"), ("network", "ls", "--filter", "type=custom"))
    return "".join(engine.docker(*kind, "--format", "{{.}}") for kind in kinds)


@pytest.fixture(scope="module")
def project(engine, image):
    started = Project(engine, "compose.yaml", profiles=("observability",))
    started.down()
    started.up()
    yield started
    started.down()
    assert left_over(engine) == ""


def admin_password(project):
    return project.execute("nestjs-node-1", "cat", "/run/secrets/admin/password").strip()


def test_it_has_the_names_ports_and_network_of_the_replaced_system(project, engine):
    names = engine.docker("ps", "--format", "{{.Names}}").split()
    assert {f"nestjs-cqrs-saga-{service}-1" for service in (*NODES, "nginx", "postgres", "redis", "kafka")} <= set(names)
    for service, port in (("nginx", "0.0.0.0:8090"), *zip(NODES, ("127.0.0.1:3000", "127.0.0.1:3001", "127.0.0.1:3002"))):
        assert port in engine.docker("port", f"nestjs-cqrs-saga-{service}-1")
    assert "nestjs-cqrs-saga_nestjs-network" in engine.docker("network", "ls", "--format", "{{.Name}}").split()
    environment = dict(line.split("=", 1) for line in project.execute("nestjs-node-2", "env").splitlines())
    was = {"PORT": "3000", "NODE_ID": "node-2", "DATABASE_HOST": "postgres", "DATABASE_PORT": "5432", "DATABASE_USER": "postgres",
           "DATABASE_NAME": "nestjs_cqrs", "REDIS_HOST": "redis", "REDIS_PORT": "6379", "KAFKA_BROKER": "kafka:9092", "JWT_EXPIRES_IN": "24h"}
    assert was.items() <= environment.items()


def test_every_container_of_ours_has_nothing_to_spare(project, engine):
    for service in (*NODES, "paysim"):
        host = engine.inspect(project.container(service))["HostConfig"]
        assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and not host["Privileged"], service
        assert "no-new-privileges:true" in host["SecurityOpt"], service


def test_no_secret_stands_in_a_container_s_description_or_in_the_repository(project, engine):
    secrets = [project.execute("nestjs-node-1", "bash", "-c", f"cat /run/secrets/{name}").strip()
               for name in ("database/password", "redis/password", "gateway/secret", "admin/password")]
    assert len(set(secrets)) == 4 and all(len(secret) >= 32 for secret in secrets)
    containers = engine.docker("ps", "--all", "--quiet").split()
    said = json.dumps([engine.inspect(one) for one in containers]) + "".join(engine.docker("logs", one) for one in containers)
    said += engine.docker("top", project.container("redis")) + engine.docker("top", project.container("postgres"))
    assert [secret for secret in secrets if secret in said] == []
    # A restart makes none anew.
    project.run("run", "--rm", "secrets")
    assert project.execute("nestjs-node-1", "cat", "/run/secrets/database/password").strip() == secrets[0]


def test_the_scenarios_pass_across_its_nodes(project):
    said = project.scenarios(NGINX, NODE_URLS, admin_password(project))
    assert re.search(r"run-all-tests: \d+ passed, 0 failed", said)
    print(said.splitlines()[-1])
    project.execute("nestjs-node-3", "edda", "verify")


def test_a_killed_node_comes_back_by_itself_and_the_others_go_on(project, engine):
    victim = project.container("nestjs-node-2")
    engine.kill_process_of(victim)
    said = project.scenarios(NGINX)
    assert re.search(r"run-all-tests: \d+ passed, 0 failed", said)
    eventually(lambda: engine.inspect(victim)["RestartCount"] == 1 and project.health("nestjs-node-2") == "healthy", "it is back", 60)
    eventually(lambda: len([node for node in json.loads(project.execute("nestjs-node-1", "edda", "nodes", "--json"))["nodes"]]) == 3, "three nodes live", 30)
    project.execute("nestjs-node-2", "edda", "verify")


def test_nginx_finds_nodes_that_were_made_anew(project):
    project.run("up", "--detach", "--wait", "--no-build", "--no-deps", "--force-recreate", *reversed(NODES))
    assert re.search(r"run-all-tests: \d+ passed, 0 failed", project.scenarios(NGINX))


def test_prometheus_scrapes_every_node(project, engine):
    def all_are_up():
        answer = engine.network("curl", "--silent", "http://127.0.0.1:9090/api/v1/query?query=up", check=False).stdout
        return answer and [one["value"][1] for one in json.loads(answer)["data"]["result"]] == ["1"] * 3

    eventually(all_are_up, "three targets are up", 60, every_s=0.5)


def test_prometheus_evaluates_the_rules_and_finds_alertmanager(project, engine):
    def answer(path):
        said = engine.network("curl", "--silent", f"http://127.0.0.1:9090/api/v1/{path}", check=False).stdout
        return json.loads(said)["data"] if said else {}

    rules = [rule for group in answer("rules")["groups"] for rule in group["rules"]]
    assert len(rules) > 20 and all(rule["health"] != "err" for rule in rules)
    eventually(lambda: answer("alertmanagers").get("activeAlertmanagers"), "Prometheus knows the Alertmanager", 30, every_s=0.5)


def test_what_was_stored_outlives_the_containers(project):
    health = project.execute("nestjs-node-1", "edda", "verify", "--json")
    project.run("down", "--timeout", "20")
    project.up()
    checked = [{check["name"]: check["checked"] for check in json.loads(text)["checks"]} for text in
               (health, project.execute("nestjs-node-1", "edda", "verify", "--json"))]
    assert checked[0] == checked[1] and checked[0]["orders"] > 100


def test_faults_between_the_nodes_and_their_servers(project, engine):
    """Through the fault proxies: everything passes, a stall of PostgreSQL is answered 503, and it all goes on after it."""
    project.run("down", "--timeout", "20")
    chaos = Project(engine, "compose.yaml", env_file="deploy/compose/chaos.env")
    chaos.up()

    def tell(server, command):
        return chaos.execute(f"faults-{server}", "bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/7000; echo '{command}' >&3; head -n 1 <&3").strip()

    def readiness():
        return engine.network("curl", "--silent", "--output", "/dev/null", "--write-out", "%{http_code}", NODE_URLS[0] + "/readyz", check=False).stdout

    try:
        chaos.scenarios(NGINX, NODE_URLS)
        for server in ("postgres", "redis", "kafka", "paysim"):
            assert re.search(r"connections[ =:]+[1-9]|accepted[ =:]+[1-9]", tell(server, "status")), (server, tell(server, "status"))
        assert tell("postgres", "stall").startswith("ok")
        eventually(lambda: readiness() == "503", "node-1 says that it cannot", 30, every_s=0.2)
        assert tell("postgres", "pass").startswith("ok")
        eventually(lambda: readiness() == "200", "node-1 is well again", 30, every_s=0.2)
        chaos.scenarios(NGINX, NODE_URLS)
        chaos.execute("nestjs-node-1", "edda", "verify")
    finally:
        chaos.run("down", "--timeout", "20")
