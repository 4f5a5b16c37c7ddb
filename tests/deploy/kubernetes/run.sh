#!/usr/bin/env bash
# run.sh [pytest arguments]: deploy/k8s and deploy/helm on a Kubernetes that is started for the purpose and ended.
# K8S_DIR names a folder whose install.sh makes such a cluster (up.sh, k, load, down.sh); without it this ends with 2, "not run".
# EDDA_BIN is the program (default build/release/edda). All it makes is in build/kubernetes and build/deploy; K8S_KEEP=1 leaves the cluster up.
# Light checks, for which no cluster is started: run.sh -k "manifests or chart". Needs root.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
[ -x "${K8S_DIR:-}/install.sh" ] || { echo "Not run: K8S_DIR names no folder whose install.sh makes a Kubernetes." >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "Not run: making a cluster takes root." >&2; exit 2; }

export K8S_LAB=${K8S_LAB:-$root/build/kubernetes}
[ -x "$K8S_LAB/up.sh" ] || "$K8S_DIR/install.sh" "$K8S_LAB" >&2
exec "$root/tests/system/run.sh" -c ../deploy/kubernetes/pytest.ini ../deploy/kubernetes "$@"
