#!/usr/bin/env bash
# program.sh PROGRAM REVISION OUT: in the image's first stage, the program without symbols: PROGRAM if that is named, else a fresh build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. tools/lib.sh
mkdir -p "$(dirname "$3")"
if [ -n "$1" ]; then
  install -m 0755 "$1" "$3"
  exit
fi
cmake --preset release "-DEDDA_COMMIT=${2#unknown}"
build build/release edda
strip -o "$3" build/release/edda
chmod 0755 "$3"
