#!/usr/bin/env bash
# PostgreSQL under 50 orders at once on Kubernetes, as PostgreSQL itself tells.
# k8s-db-monitoring-test.sh --help lists what can be chosen; docs/kubernetes.md says more.
exec python3 -B "$(dirname "${BASH_SOURCE[0]}")/k8s_db_monitoring_test.py" "$@"
