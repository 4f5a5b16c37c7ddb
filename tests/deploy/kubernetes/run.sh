#!/usr/bin/env bash
# run.sh [pytest arguments]: deploy/k8s and deploy/helm on a Kubernetes that is started for the purpose and ended.
# K8S_DIR names a folder whose install.sh makes such a cluster (up.sh, k, load, down.sh); without it this ends with 2, "not run".
# EDDA_BIN is the program (default build/release/edda), or EDDA_IMAGE an image of it (docker save). All it makes is in build/kubernetes.
# Light checks only, without a cluster: run.sh test_manifests.py test_chart.py. Needs root.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
work=${K8S_WORK:-$root/build/kubernetes}
wanted=$root/tests/deploy/kubernetes/requirements.txt
[ -n "${K8S_DIR:-}" ] || { echo "kubernetes: not run, K8S_DIR names no cluster." >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "kubernetes: not run, making a cluster takes root." >&2; exit 2; }
export EDDA_BIN=${EDDA_BIN:-$root/build/release/edda}
[ -x "$EDDA_BIN" ] || { echo "There is no $EDDA_BIN: build it with ./run, or name one in EDDA_BIN." >&2; exit 1; }

mkdir -p "$work"
if ! cmp -s "$wanted" "$work/venv/requirements.installed"; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" >&2
  cp "$wanted" "$work/venv/requirements.installed"
fi
export K8S_LAB=${K8S_LAB:-$work/lab} K8S_IMAGES=$work/images
[ -x "$K8S_LAB/up.sh" ] || "$K8S_DIR/install.sh" "$K8S_LAB" >&2
cd "$root/tests/deploy/kubernetes"
exec "$work/venv/bin/python" -B -m pytest "$@"
