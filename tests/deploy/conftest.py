"""The image and Compose for real: in a Docker engine that is started for the tests and has a network of its own, with images from Debian's
packages under the official ones' names. The program is the one that EDDA_BIN names, for Debian 12."""

import datetime
import os
import pathlib
import shutil
import subprocess

import pytest

from engine import FOLDER, HERE, ROOT, Engine, run
from harness_server import eventually

IMAGE = "edda:test"


@pytest.fixture(scope="session")
def engine():
    links = run("ip", "-oneline", "link").stdout.count("\n")
    started = Engine().start()
    yield started
    started.stop()
    eventually(lambda: not started.processes(), "nothing of it is left")
    assert run("ip", "-oneline", "link").stdout.count("\n") == links


@pytest.fixture(scope="session")
def standins(engine):
    run(HERE / "standins/make.sh", FOLDER, env=engine.environment, deadline_s=900)


@pytest.fixture(scope="session")
def image(engine, standins):
    program = pathlib.Path(os.environ.get("EDDA_BIN", ROOT / "build/release/edda"))
    (ROOT / "build/image").mkdir(exist_ok=True)
    run("strip", "-o", ROOT / "build/image/edda", program)
    revision = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    created = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    engine.docker("build", "--tag", IMAGE, "--build-arg", "PROGRAM=build/image/edda", "--build-arg", f"REVISION={revision}",
                  "--build-arg", f"CREATED={created}", ROOT, deadline_s=300)
    shutil.rmtree(ROOT / "build/image")
    return IMAGE
