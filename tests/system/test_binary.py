"""What the program must not hold: neither the points where a test build kills itself, nor the bugs that the simulation plants."""

from process_binary import names_of_failpoints, names_of_planted_bugs, traces_in


def test_no_failpoint_and_no_planted_bug(binary):
    assert len(names_of_failpoints()) > 10 and len(names_of_planted_bugs()) > 15
    assert traces_in(binary) == set()
