"""The image and Compose for real: in a Docker engine that is started for the tests and has a network of its own, with images from Debian's
packages under the official ones' names."""

import pytest

import images
from engine import Engine, run
from harness_server import eventually


@pytest.fixture(scope="session")
def engine():
    links = run("ip", "-oneline", "link").stdout.count("\n")
    started = Engine().start()
    yield started
    started.stop()
    eventually(lambda: not started.processes(), "nothing of it is left")
    assert run("ip", "-oneline", "link").stdout.count("\n") == links


@pytest.fixture(scope="session")
def image(engine):
    images.make_standins(engine)
    images.make_edda(engine)
    return images.EDDA
