"""The failpoints, in the order in which one order's story passes them. EDDA_FAILPOINT in src/ and this page must agree: a story that is
run without dying is traced, and compared with it (test_stories.py)."""


def turn(first_event):
    """A turn that is stored; `first_event` is the first it writes."""
    return [f"append.before_commit/{first_event}", f"append.after_commit/{first_event}", f"lane.before_answers/{first_event}"]


def step(name, direction="forward"):
    """A step that is sent, done and answered. `answered` is before the answer's turn."""
    return [f"step.before_send/{name}/{direction}", f"gateway.acted/{name}/{direction}", f"step.answered/{name}/{direction}"]


def stock_step(name, direction, event):
    """A step that is done by a turn of a product, not by the gateway."""
    before_send, _, answered = step(name, direction)
    return [before_send, *turn(event), answered]


STORED = ["step.stored"]

TAKE_OVER = ["take_over.before_commit", "take_over.after_commit"]
STOP = ["stop.begun", "stop.no_requests", "stop.no_steps", "stop.no_turns"]


def with_hits(points):
    """(point, which of its hits) for each."""
    seen, numbered = {}, []
    for point in points:
        seen[point] = seen.get(point, 0) + 1
        numbered.append((point, seen[point]))
    return numbered
