#!/usr/bin/env bash
# tools.sh [PROGRAM]: in the image's first stage, what compiling takes; nothing if there is a program already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. tools/lib.sh
[ -z "${1:-}" ] || exit 0
install_packages build
