#!/usr/bin/env bash
# Who accepted, charged and ended each order, and when, from the events: shares of nodes, durations, hand-overs.
# analyze-real-distribution.sh --help lists what can be chosen; docs/cluster.md says more.
exec python3 -B "$(dirname "${BASH_SOURCE[0]}")/analyze_real_distribution.py" "$@"
