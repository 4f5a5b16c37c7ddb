"""The Helm chart makes the same objects as the overlays."""

import re

import pytest

from lab import LAB, TOP, objects_of, rendered, run

CHART = TOP / "deploy/helm/edda"
# overlay: (namespace, arguments)
WAYS = {
    "cluster": ("edda", []),
    "single": ("edda", ["--values", CHART / "values-single.yaml"]),
    "external": ("edda", ["--values", CHART / "values-external.yaml"]),
    "observed": ("edda", ["--set", "observability.enabled=true"]),
    "predecessor": ("nestjs-cqrs-saga", ["--set", "predecessor.enabled=true"]),
}


def by_name(text):
    """{(kind, name): object} without what differs by nature: kustomize rolls pods by a hash in the settings' name, Helm by an annotation;
    and Helm is told to keep the volume."""
    found = {}
    for one in objects_of(re.sub(r"name: (edda[a-z-]*)-[2456789bcdfghkmt]{10}$", r"name: \1", text, flags=re.M)):
        if one["kind"] == "PersistentVolumeClaim":
            one["metadata"].pop("annotations", None)
        if one["kind"] == "Deployment":
            notes = one["spec"]["template"]["metadata"].get("annotations", {})
            notes.pop("checksum/config", None)
            if not notes:
                one["spec"]["template"]["metadata"].pop("annotations", None)
        for container in one["spec"]["template"]["spec"]["containers"] if one["kind"] in ("Deployment", "StatefulSet") else []:
            container["env"] = {variable["name"]: variable for variable in container.get("env", [])}
        found[one["kind"], one["metadata"]["name"]] = one
    return found


def charted(overlay, *more):
    namespace, arguments = WAYS[overlay]
    return run(LAB / "bin/helm", "template", "edda", CHART, "--namespace", namespace, "--kube-version", "1.34.0", "--set", "createNamespace=true",
               *arguments, *more).stdout


@pytest.mark.parametrize("overlay", sorted(WAYS))
def test_it_makes_what_the_overlay_makes(overlay):
    ours, theirs = by_name(charted(overlay)), by_name(rendered(overlay))
    assert ours.keys() == theirs.keys()
    for key, one in theirs.items():
        assert ours[key] == one, key


def test_an_uninstall_keeps_the_orders():
    for overlay, volumes in (("single", {"edda-data", "edda-backups"}), ("cluster", {"edda-backups"})):  # those of StatefulSets are not Helm's at all
        claims = [one["metadata"] for one in objects_of(charted(overlay)) if one["kind"] == "PersistentVolumeClaim"]
        assert {one["name"] for one in claims} == volumes
        assert all(one["annotations"] == {"helm.sh/resource-policy": "keep"} for one in claims)


def test_every_overlay_is_compared():
    assert WAYS.keys() == {one.name for one in (TOP / "deploy/k8s/overlays").iterdir()}


def test_a_collector_of_traces_is_a_setting_and_a_way_out():
    plain = by_name(charted("cluster"))
    traced = by_name(charted("cluster", "--set", "tracing.endpoint=http://collector.monitoring:4318", "--set", "tracing.port=4318"))
    assert traced.keys() - plain.keys() == {("NetworkPolicy", "edda-to-collector")}
    assert traced["NetworkPolicy", "edda-to-collector"]["spec"]["egress"] == [{"ports": [{"protocol": "TCP", "port": 4318}]}]
    assert traced["ConfigMap", "edda"]["data"] == plain["ConfigMap", "edda"]["data"] | {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.monitoring:4318"}


def test_helm_finds_nothing_to_blame():
    run(LAB / "bin/helm", "lint", "--strict", "--kube-version", "1.34.0", CHART)


def test_its_knobs_turn():
    made = by_name(charted("cluster", "--set", "autoscaling.enabled=false,replicas=5,image.tag=9,storageClass=fast,config.LOG_LEVEL=debug,secret=other,"
                           "ingress.className=nginx,networkPolicy.enabled=false,backup.keep=30"))
    node = made["Deployment", "edda"]["spec"]
    assert node["replicas"] == 5 and node["template"]["spec"]["containers"][0]["image"] == "edda:9"
    assert made["StatefulSet", "edda-paysim"]["spec"]["template"]["spec"]["containers"][0]["image"] == "edda:9"
    assert made["StatefulSet", "edda-postgres"]["spec"]["volumeClaimTemplates"][0]["spec"]["storageClassName"] == "fast"
    assert made["ConfigMap", "edda"]["data"]["LOG_LEVEL"] == "debug"
    assert {volume["secret"]["secretName"] for volume in node["template"]["spec"]["volumes"] if "secret" in volume} == {"other"}
    assert made["Ingress", "edda"]["spec"]["ingressClassName"] == "nginx"
    assert not {kind for kind, _ in made} & {"NetworkPolicy", "HorizontalPodAutoscaler"}
    assert made["CronJob", "edda-backup"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["env"] == [{"name": "KEEP", "value": "30"}]
    assert not any("backup" in name for _, name in by_name(charted("single", "--set", "backup.enabled=false")))


def test_a_changed_setting_rolls_the_pods():
    def checksum(*more):
        return re.search(r"checksum/config: (\w{64})", charted("cluster", *more))[1]
    assert checksum() != checksum("--set", "config.LOG_LEVEL=debug")
