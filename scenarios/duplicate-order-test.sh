#!/usr/bin/env bash
# Five concurrent orders for one product, many rounds: exactly one succeeds in each.
# duplicate-order-test.sh --help lists what can be chosen; docs/cluster.md says more.
exec python3 -B "$(dirname "${BASH_SOURCE[0]}")/duplicate_order_test.py" "$@"
