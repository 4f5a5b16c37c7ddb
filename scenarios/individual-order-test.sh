#!/usr/bin/env bash
# Orders of different products at once: all are accepted, all end, and the nodes share them.
# individual-order-test.sh --help lists what can be chosen; docs/cluster.md says more.
exec python3 -B "$(dirname "${BASH_SOURCE[0]}")/individual_order_test.py" "$@"
