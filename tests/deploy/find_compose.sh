#!/usr/bin/env bash
# find_compose.sh: prints how Compose v2 is called here: EDDA_COMPOSE, the plugin of `docker`, a docker-compose on the path, or the one in
# K8S_DIR/bin.tar.xz. Ends with 2 where there is none: then `./test containers` cannot run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if [ -n "${EDDA_COMPOSE:-}" ]; then
  echo "$EDDA_COMPOSE"
elif docker compose version >/dev/null 2>&1; then
  echo "docker compose"
elif docker-compose version 2>/dev/null | grep -qE 'v2|Compose version (v?[2-9]|dev)'; then
  echo docker-compose
elif [ -f "${K8S_DIR:-}/bin.tar.xz" ]; then
  mkdir -p build/deploy/bin
  [ -x build/deploy/bin/docker-compose ] || tar -C build/deploy/bin -xJf "$K8S_DIR/bin.tar.xz" docker-compose
  echo "$PWD/build/deploy/bin/docker-compose"
else
  echo "Not run: ./test containers needs Compose v2: install it (docker compose version), or name it in EDDA_COMPOSE." >&2
  exit 2
fi
