"""That the search which finds nothing in the program (tests/system/test_binary.py) would find a failpoint."""

from process_binary import names_of_failpoints, traces_in


def test_the_search_finds_every_failpoint_here(binary):
    assert traces_in(binary) >= names_of_failpoints() | {"edda9failpoint", "EDDA_FAILPOINT"}
