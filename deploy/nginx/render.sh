#!/usr/bin/env bash
# shellcheck disable=SC2016 # the single quotes hold names of placeholders
# render.sh LISTEN NODE...            prints edda.conf: render.sh 8090 10.0.0.1:3000 10.0.0.2:3000 >/etc/nginx/conf.d/edda.conf
# render.sh --into FOLDER LISTEN ...  makes FOLDER/edda.conf and FOLDER/nginx.conf: then `nginx -p FOLDER -c FOLDER/nginx.conf` needs no root
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=
if [ "${1:-}" = --into ]; then
  folder=${2:?render.sh: --into which folder?}
  shift 2
fi
[ $# -ge 2 ] || { sed -n 2,3p "$0" >&2; exit 2; }
listen=$1
shift

upstream=
for node in "$@"; do
  upstream+="${upstream:+$'\n'  }server $node max_fails=1 fail_timeout=2s;"
done

site=$(<"$here/edda.conf.template")
site=${site//'${EDDA_LISTEN}'/$listen}
site=${site//'${EDDA_UPSTREAM}'/$upstream}
if [ -z "$folder" ]; then
  printf '%s\n' "$site"
  exit
fi
mkdir -p "$folder/temp"
printf '%s\n' "$site" >"$folder/edda.conf"
main=$(<"$here/nginx.conf.template")
printf '%s\n' "${main//'${EDDA_FOLDER}'/$folder}" >"$folder/nginx.conf"
