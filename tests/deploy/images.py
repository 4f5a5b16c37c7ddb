"""The images of the tests: Edda's, and stand-ins for the official ones that its files name."""

import datetime
import os
import pathlib
import shutil
import subprocess

from engine import FOLDER, HERE, ROOT, run

EDDA = "edda:test"


def make_standins(engine):
    run(HERE / "standins/make.sh", FOLDER, env=engine.environment, deadline_s=900)


def make_edda(engine):
    """From the program that EDDA_BIN names, for Debian 12."""
    program = pathlib.Path(os.environ.get("EDDA_BIN", ROOT / "build/release/edda"))
    (ROOT / "build/image").mkdir(exist_ok=True)
    run("strip", "-o", ROOT / "build/image/edda", program)
    revision = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip() or "unknown"
    created = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    engine.docker("build", "--tag", EDDA, "--build-arg", "PROGRAM=build/image/edda", "--build-arg", f"REVISION={revision}",
                  "--build-arg", f"CREATED={created}", ROOT, deadline_s=300)
    shutil.rmtree(ROOT / "build/image")
