"""Dying while a store is made or brought up to date, while shards are taken over, and in each stage of a stop."""

import dataclasses
import pathlib
import re
import shutil
import signal

import pytest

from points import STOP, TAKE_OVER
from stories import Story, sale
from world import World, new_people

FOLDER = pathlib.Path(__file__).parents[2] / "src/adapters/sqlite/migrations"
MIGRATIONS = [re.sub(r"^\d+_", "", path.stem) for path in sorted(FOLDER.glob("*.sql"))]
EMPTY = Story("start", sale, [])


@dataclasses.dataclass(frozen=True)
class Case:
    point: str
    stage: str

    def __str__(self):
        return f"{self.stage}:{self.point}"

    def run(self, make_world):
        world: World = make_world(str(self), EMPTY)
        try:
            getattr(self, self.stage)(world)
        finally:
            world.close()

    def start_on_an_empty_folder(self, world):
        shutil.rmtree(world.folder / "data")
        world.die_at(f"{self.point}:1", lambda _: None)
        assert world.start()
        world.customer, world.admin = new_people(world.server.url)
        sale(world)
        world.check()

    def start_with_an_open_order(self, world):
        world.die_at("append.after_commit/OrderCreated:1", sale)
        world.die_at(f"{self.point}:1", sale)
        assert world.start()
        sale(world)
        world.check()

    def stop_under_way(self, world):
        """The charge takes longer than the stop waits for it."""
        def stop(now):
            now.place()
            now.server.process.send_signal(signal.SIGTERM)
        world.plain |= {"EDDA_PAYMENT_LATENCY_MS_MIN": "700", "EDDA_PAYMENT_LATENCY_MS_MAX": "700"}
        world.die_at(f"{self.point}:1", stop)
        assert world.start()
        sale(world)
        world.check()


CASES = ([Case(f"migration.{when}_commit/{name}", "start_on_an_empty_folder") for name in MIGRATIONS for when in ("before", "after")] +
         [Case(point, "start_with_an_open_order") for point in TAKE_OVER] + [Case(point, "stop_under_way") for point in STOP])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_dies_and_comes_back(case, outcome):
    outcome(case)
