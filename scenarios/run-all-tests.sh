#!/usr/bin/env bash
# All scenarios one after the other: result and time of each, and what is in the store before and after.
# run-all-tests.sh --help lists what can be chosen; docs/cluster.md says more.
exec python3 -B "$(dirname "${BASH_SOURCE[0]}")/run_all_tests.py" "$@"
