"""All points times all steps, forward and backward: the process dies there, is started again, and store, client and gateway agree."""

import dataclasses

import pytest

from points import with_hits
from stories import STORIES
from world import World


@dataclasses.dataclass(frozen=True)
class Case:
    """Dies at `point` in the story, and, if `again` names one, at that point of the next start too."""
    number: int
    point: str
    hit: int
    again: str = ""

    @property
    def story(self):
        return STORIES[self.number]

    def __str__(self):
        return f"{self.story.name}:{self.point}:{self.hit}" + (f":{self.again}" if self.again else "")

    def run(self, make_world):
        world: World = make_world(str(self), self.story)
        try:
            world.die_at(f"{self.point}:{self.hit}", self.story.drive)
            if self.again:
                world.die_at(self.again, self.story.drive)
            assert world.start()
            self.story.drive(world)
            world.check()
        finally:
            world.close()


def cases():
    for number, story in enumerate(STORIES):
        for point, hit in with_hits(story.points)[story.since:]:
            yield Case(number, point, hit)
        for point in AGAIN.get(story.name, ()):
            yield Case(number, point[0], 1, point[1])


# The second death is in the recovery of the first.
AGAIN = {
    "sale": [("gateway.acted/payment_processing/forward", "step.before_send/payment_processing/forward:1"),
             ("gateway.acted/payment_processing/forward", "step.answered/payment_processing/forward:1"),
             ("step.answered/payment_processing/forward", "append.after_commit/PaymentProcessed:1"),
             ("append.after_commit/OrderCreated", "take_over.before_commit:1"),
             ("append.after_commit/OrderCreated", "take_over.after_commit:1")],
    "cancelled_while_charging": [("gateway.acted/payment_processing/compensate", "step.answered/payment_processing/compensate:1")],
    "cancelled_when_paid": [("gateway.acted/payment_refund/forward", "append.before_commit/PaymentRefunded:1")],
}


@pytest.mark.parametrize("case", list(cases()), ids=str)
def test_dies_and_comes_back(case, outcome):
    outcome(case)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_every_point_of_the_story_is_in_the_table(story, make_world):
    """What is passed in a run without a death. A new failpoint or event belongs into stories.py."""
    world = make_world(f"trace-{story.name}", story)
    trace = world.folder / "trace"
    try:
        assert world.start(trace=trace)
        story.drive(world)
        world.check()
    finally:
        world.close()
    passed = [line for line in trace.read_text().splitlines() if not line.startswith(("take_over.", "migration."))]
    if story.exact:
        assert sorted(passed) == sorted(story.points)
    else:
        assert set(story.points) <= set(passed)
