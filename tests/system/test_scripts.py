"""The shell scripts of the repository."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).parents[2]


def test_shellcheck_finds_nothing():
    scripts = [ROOT / "run", ROOT / "test", *(path for folder in ("tools", "tests", "scenarios", "deploy") for path in (ROOT / folder).rglob("*.sh"))]
    assert len(scripts) > 15
    done = subprocess.run(["shellcheck", "--external-sources", *scripts], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
