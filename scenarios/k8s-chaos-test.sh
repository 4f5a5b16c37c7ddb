#!/usr/bin/env bash
# Pods killed, nodes replaced, a machine drained, under load.
# k8s-chaos-test.sh --help lists what can be chosen; docs/kubernetes.md says more.
exec python3 -B "$(dirname "${BASH_SOURCE[0]}")/k8s_chaos_test.py" "$@"
