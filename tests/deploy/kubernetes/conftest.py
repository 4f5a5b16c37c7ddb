"""One Kubernetes for all tests that want one; each overlay comes up once, and is deleted before the next."""

import os

import pytest

import images
from engine import FOLDER, Engine
from lab import Deployed, Lab, rendered

# 0.1.1 is a second release of Edda, for rolling updates: the same program.
STANDINS = ("postgres:15", "redis:7", "apache/kafka:3.9.1", "prom/prometheus:v2.53.5", "prom/alertmanager:v0.27.0", "grafana/grafana:11.4.0")
EDDA = ("edda:0.1.0", "edda:0.1.1")


@pytest.fixture(scope="session")
def archive():
    """A file with the images, made in a Docker engine that has ended."""
    engine = Engine().start()
    try:
        images.make_standins(engine)
        images.make_edda(engine)
        for name in EDDA:
            engine.docker("tag", images.EDDA, name)
        engine.docker("save", "--output", FOLDER / "kubernetes.tar", *STANDINS, *EDDA)
    finally:
        engine.stop()
    yield FOLDER / "kubernetes.tar"
    (FOLDER / "kubernetes.tar").unlink()


@pytest.fixture(scope="session")
def lab(archive):
    lab = Lab()
    try:
        lab.up()
        lab.load(archive)
        yield lab
    finally:
        if not os.environ.get("K8S_KEEP"):
            lab.down()


@pytest.fixture(scope="module")
def deployed(request, lab):
    """The overlay that the module names in OVERLAY."""
    there = Deployed(lab, rendered(request.module.OVERLAY))
    try:
        there.up()
        yield there
    finally:
        there.down()
