#!/usr/bin/env bash
# 100, 200 and 500 orders on Kubernetes: rates and percentiles.
# k8s-extended-load-test.sh --help lists what can be chosen; docs/kubernetes.md says more.
exec python3 -B "$(dirname "${BASH_SOURCE[0]}")/k8s_extended_load_test.py" "$@"
