#!/usr/bin/env bash
# 30 orders at 10 a second, 50 and 100 at once on Kubernetes, and what its pods take meanwhile.
# k8s-performance-monitoring.sh --help lists what can be chosen; docs/kubernetes.md says more.
exec python3 -B "$(dirname "${BASH_SOURCE[0]}")/k8s_performance_monitoring.py" "$@"
