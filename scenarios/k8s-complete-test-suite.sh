#!/usr/bin/env bash
# All Kubernetes scenarios one after the other.
# k8s-complete-test-suite.sh --help lists what can be chosen; docs/kubernetes.md says more.
exec python3 -B "$(dirname "${BASH_SOURCE[0]}")/k8s_complete_test_suite.py" "$@"
