"""The cases run some at a time: most of a case is waiting for a process to start."""

import concurrent.futures
import os
import pathlib

import pytest

from world import Base, World

WORKERS = int(os.environ.get("EDDA_FAILPOINT_WORKERS", "4"))


@pytest.fixture(scope="session")
def binary():
    path = pathlib.Path(os.environ["EDDA_BIN"]).resolve()
    assert path.exists(), f"there is no {path}: ./test failpoints builds it"
    return str(path)


@pytest.fixture(scope="session")
def base(binary, tmp_path_factory):
    return Base(binary, tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="session")
def make_world(binary, base, tmp_path_factory):
    root = tmp_path_factory.mktemp("worlds")

    def make(name, story):
        return World(binary, root / name.replace("/", "-").replace(":", "-"), base, story)
    return make


@pytest.fixture(scope="session")
def outcome(request, make_world):
    """outcome(case): waits for the case, which was begun with all others that were selected."""
    cases = {item.callspec.params["case"] for item in request.session.items
             if hasattr(item, "callspec") and "case" in item.callspec.params}
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        running = {case: pool.submit(case.run, make_world) for case in sorted(cases, key=str)}
        yield lambda case: running[case].result()
        pool.shutdown(cancel_futures=True)
