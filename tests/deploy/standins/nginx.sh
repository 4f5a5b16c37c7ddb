#!/bin/sh
# As the official image's entrypoint: templates are filled in from the environment, by the names that stand in it.
set -e
for template in /etc/nginx/templates/*.template; do
  [ -f "$template" ] || continue
  names=$(env | cut -d= -f1 | grep -E "${NGINX_ENVSUBST_FILTER:-}" | sed 's/.*/${&}/')
  filled=/etc/nginx/conf.d/$(basename "$template" .template)
  envsubst "$names" <"$template" >"$filled"
done
exec "$@"
