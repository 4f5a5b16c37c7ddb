"""What can be said of the manifests without a cluster."""

import subprocess
import sys

import pytest

from lab import K8S, TOP, objects_of, rendered

OVERLAYS = sorted(one.name for one in (K8S / "overlays").iterdir())
WORKLOADS = ("Deployment", "StatefulSet", "CronJob")


def pods_of(objects):
    """(name, spec, metadata) of each workload's pods."""
    makers = [(one["metadata"]["name"], one["spec"].get("jobTemplate", one)["spec"]["template"]) for one in objects if one["kind"] in WORKLOADS]
    return [(name, pod["spec"], pod["metadata"]) for name, pod in makers]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_valid_for_kubernetes_134(overlay, tmp_path):
    file = tmp_path / "all.yaml"
    file.write_text(rendered(overlay))
    done = subprocess.run([sys.executable.replace("/python", "/kubernetes-validate"), "-k", "1.34", "--strict", file], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_pod_is_restricted_and_bounded(overlay):
    for name, pod, _ in pods_of(objects_of(rendered(overlay))):
        assert pod["automountServiceAccountToken"] is False and pod["enableServiceLinks"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] > 0, name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in pod["containers"]:
            allowed = container["securityContext"]
            assert allowed["allowPrivilegeEscalation"] is False and allowed["capabilities"] == {"drop": ["ALL"]}, name
            assert allowed["readOnlyRootFilesystem"] is (container["name"] != "kafka"), name
            assert {"cpu", "memory"} <= container["resources"]["requests"].keys() & container["resources"]["limits"].keys(), name
            assert pod.get("restartPolicy") == "Never" or {"startupProbe", "readinessProbe", "livenessProbe"} <= container.keys(), name


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_labels_and_namespace(overlay):
    objects = objects_of(rendered(overlay))
    namespace = next(one["metadata"]["name"] for one in objects if one["kind"] == "Namespace")
    for one in objects:
        assert one["metadata"]["labels"]["app.kubernetes.io/part-of"] == "edda", one["metadata"]["name"]
        assert one["kind"] == "Namespace" or one["metadata"]["namespace"] == namespace, one["metadata"]["name"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_services_and_policies_name_pods_that_exist(overlay):
    objects = objects_of(rendered(overlay))
    labels = [about["labels"].items() for _, _, about in pods_of(objects)]
    selectors = [one["spec"]["selector"] for one in objects if one["kind"] == "Service"]
    for policy in [one["spec"] for one in objects if one["kind"] == "NetworkPolicy"]:
        peers = [peer for rule in policy.get("ingress", []) + policy.get("egress", []) for peer in rule.get("from", []) + rule.get("to", [])]
        selectors += [one["podSelector"].get("matchLabels", {}) for one in [policy, *peers]]
    for selector in selectors:
        assert any(selector.items() <= those for those in labels), selector


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_nothing_may_talk_unless_it_is_named(overlay):
    policies = {one["metadata"]["name"]: one["spec"] for one in objects_of(rendered(overlay)) if one["kind"] == "NetworkPolicy"}
    assert policies["default-deny"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_no_secret_is_in_the_tree():
    for file in [*K8S.rglob("*.yaml"), *(TOP / "deploy/helm").rglob("*.yaml")]:
        assert "kind: Secret\n" not in file.read_text(), file


def test_the_version_is_the_programs():
    project = (TOP / "CMakeLists.txt").read_text()
    for name, pod, _ in pods_of(objects_of(rendered("cluster"))):
        for container in pod["containers"]:
            tag = container["image"].partition(":")[2]
            assert tag and (not container["image"].startswith("edda:") or f"VERSION {tag} " in project), name
