"""One Kubernetes for all tests that want one; each overlay comes up once, and is deleted before the next."""

import os
import pathlib

import pytest

from lab import Deployed, Lab, rendered, run


@pytest.fixture(scope="session")
def lab():
    images = pathlib.Path(os.environ["K8S_IMAGES"])
    run(pathlib.Path(__file__).parent / "images/build.sh", images, os.environ["EDDA_BIN"], timeout=900)
    lab = Lab()
    try:
        lab.up()
        lab.load(images / "images.tar")
        if os.environ.get("EDDA_IMAGE"):
            lab.load(os.environ["EDDA_IMAGE"])
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
