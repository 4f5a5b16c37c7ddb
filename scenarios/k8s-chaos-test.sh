#!/usr/bin/env bash
# Pods killed and cut off, nodes replaced, a machine drained, nodes added and taken away, under load.
# k8s-chaos-test.sh --help lists what can be chosen; docs/kubernetes.md says more.
exec python3 -B "$(dirname "${BASH_SOURCE[0]}")/k8s_chaos_test.py" "$@"
