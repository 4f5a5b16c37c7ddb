#!/usr/bin/env bash
# Duplicates through the Service and at each pod of Edda on Kubernetes.
# k8s-duplicate-order-test.sh --help lists what can be chosen; docs/kubernetes.md says more.
exec python3 -B "$(dirname "${BASH_SOURCE[0]}")/k8s_duplicate_order_test.py" "$@"
