#!/usr/bin/env bash
# Unique, duplicate and declined orders mixed at the same instant: each kind ends as it must.
# mixed-order-test-fixed.sh --help lists what can be chosen; docs/cluster.md says more.
exec python3 -B "$(dirname "${BASH_SOURCE[0]}")/mixed_order_test.py" "$@"
