"""What is left in a program of the points where tests make it die or go wrong."""

import pathlib
import re

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "src"


def names_of_failpoints():
    """As they stand in the sources; a program that has them carries these texts."""
    found = set()
    for path in SOURCES.rglob("*.cpp"):
        found |= set(re.findall(r'EDDA_FAILPOINT\("([^"]+)"', path.read_text()))
    return found


def names_of_planted_bugs():
    header = (SOURCES / "core/base/planted.hpp").read_text()
    return set(re.findall(r"^  ([a-z_]+),  +///<", header, re.MULTILINE))


def traces_in(binary):
    """Names of failpoints and planted bugs, and of what carries them out, that a program file has as texts or as symbols."""
    content = pathlib.Path(binary).read_bytes()
    assert b"N4edda" in content, f"{binary} has no symbols: nothing can be said of it"
    words = names_of_failpoints() | names_of_planted_bugs() | {"edda9failpoint", "edda7planted", "EDDA_FAILPOINT"}
    return {word for word in words if word.encode() in content}
