"""The binary's commands, run to their end."""

import json
import os
import subprocess


def run(binary, *arguments, environment=None, deadline_s=60):
    """Nothing of the caller's environment that Edda reads reaches the command."""
    plain = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    return subprocess.run([binary, *map(str, arguments)], env=plain | (environment or {}), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=deadline_s, check=False)


def check_store(server):
    """`edda verify`: through the server when one runs, else on the folder itself."""
    done = run(server.binary, "verify", "--data", server.folder / "data", "--json", environment=server.environment)
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["ok"] and all(check["ok"] for check in report["checks"]), report
    return report
