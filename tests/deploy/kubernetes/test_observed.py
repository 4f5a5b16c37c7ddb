"""overlays/observed: Prometheus finds the nodes by name, wherever they are, and has rules and an Alertmanager."""

import json

from lab import TOP, eventually, objects_of

OVERLAY = "observed"


def asked(deployed, service, path):
    """What a server beside Edda answers."""
    about = deployed.get("service", service)["spec"]
    said = deployed.lab.in_network("curl", "--silent", "--globoff", f"http://{about['clusterIP']}:{about['ports'][0]['port']}{path}", fails=True).stdout
    return json.loads(said) if said else {}


def watched(deployed):
    """The addresses of the nodes that Prometheus reaches."""
    found = asked(deployed, "edda-prometheus", '/api/v1/query?query=up{job="edda"}==1').get("data", {"result": []})["result"]
    return {one["metric"]["instance"].removesuffix(":3000") for one in found}


def addresses(deployed):
    return {one["status"].get("podIP") for one in deployed.pods()}


def test_every_node_is_watched(deployed):
    assert len(eventually(lambda: watched(deployed) == addresses(deployed) and watched(deployed), "Prometheus reaches every node")) == 3


def test_a_node_that_comes_is_found_and_one_that_went_is_forgotten(deployed):
    gone = deployed.pods()[0]
    deployed.k("delete", "pod", gone["metadata"]["name"])
    eventually(lambda: gone["status"]["podIP"] not in addresses(deployed) and watched(deployed) == addresses(deployed), "the new node is watched")
    assert len(watched(deployed)) == 3


def test_prometheus_has_the_rules_and_alertmanager_its_configuration(deployed):
    wanted = [rule["alert"] for group in objects_of((TOP / "deploy/observability/rules/edda.yml").read_text())[0]["groups"] for rule in group["rules"]]

    def evaluated():
        rules = [rule for group in asked(deployed, "edda-prometheus", "/api/v1/rules")["data"]["groups"] for rule in group["rules"]]
        assert sorted(rule["name"] for rule in rules) == sorted(wanted)
        return all(rule["health"] == "ok" for rule in rules)
    eventually(evaluated, "every rule was evaluated")
    eventually(lambda: asked(deployed, "edda-prometheus", "/api/v1/alertmanagers")["data"]["activeAlertmanagers"], "Prometheus knows the Alertmanager")
    assert "EddaNoNode" in asked(deployed, "edda-alertmanager", "/api/v2/status")["config"]["original"]
