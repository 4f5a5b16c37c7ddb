"""What a real API server says to each object, without making it."""

import pytest
import yaml

from lab import K8S, objects_of, rendered

NAMESPACE = "edda-dry-run"


@pytest.fixture(scope="module")
def k(lab):
    about = next(one for one in objects_of(rendered("cluster")) if one["kind"] == "Namespace")
    about["metadata"]["name"] = NAMESPACE
    lab.k("create", "--filename", "-", stdin=yaml.safe_dump(about))
    yield lab.k
    lab.k("delete", "namespace", NAMESPACE)


@pytest.mark.parametrize("overlay", sorted(one.name for one in (K8S / "overlays").iterdir()))
def test_every_object_is_taken_without_a_warning(k, overlay):
    objects = [one for one in objects_of(rendered(overlay)) if one["kind"] != "Namespace"]
    for one in objects:
        one["metadata"]["namespace"] = NAMESPACE
    said = k("create", "--dry-run=server", "--validate=strict", "--filename", "-", stdin=yaml.safe_dump_all(objects))
    assert said.stderr == "" and said.stdout.count("created (server dry run)") == len(objects)


def test_a_slip_is_refused(k):
    policy = next(one for one in objects_of(rendered("cluster")) if one["kind"] == "PodDisruptionBudget")
    policy["metadata"]["namespace"], policy["spec"]["maxUnavaliable"] = NAMESPACE, policy["spec"].pop("maxUnavailable")
    said = k("create", "--dry-run=server", "--validate=strict", "--filename", "-", stdin=yaml.safe_dump(policy), fails=True)
    assert said.returncode != 0 and "maxUnavaliable" in said.stderr
