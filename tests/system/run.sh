#!/usr/bin/env bash
# tests/system/run.sh [pytest arguments]: the black-box tests against the binary EDDA_BIN (default build/release/edda).
# Their Python packages live in build/venv, which is brought up to date when requirements.txt changes.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
venv=$root/build/venv
wanted=$root/tests/system/requirements.txt

export EDDA_BIN=${EDDA_BIN:-$root/build/release/edda}
[ -x "$EDDA_BIN" ] || { echo "There is no $EDDA_BIN: build it with ./run, or name one in EDDA_BIN." >&2; exit 1; }

if ! cmp -s "$wanted" "$venv/requirements.installed"; then
  echo "Installing the tests' Python packages into build/venv (about a minute) ..." >&2
  python3 -m venv "$venv" || { echo "python3 cannot make a venv: apt-get install python3-venv" >&2; exit 1; }
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" >&2
  cp "$wanted" "$venv/requirements.installed"
fi
cd "$root/tests/system"
exec "$venv/bin/python" -m pytest "$@"
