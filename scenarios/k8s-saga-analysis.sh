#!/usr/bin/env bash
# What became of each saga of a few orders on Kubernetes.
# k8s-saga-analysis.sh --help lists what can be chosen; docs/kubernetes.md says more.
exec python3 -B "$(dirname "${BASH_SOURCE[0]}")/k8s_saga_analysis.py" "$@"
