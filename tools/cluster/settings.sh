# shellcheck shell=bash disable=SC2154
# Sourced by tools/cluster.sh: what can be moved, where everything lies, and as whom it runs.

# NAME DEFAULT: each can be given as CLUSTER_NAME. `up` keeps them in FOLDER/settings, so that the other commands need not be told.
cluster_settings() {
  cat <<'SETTINGS'
NGINX_PORT 8090
NODE_PORTS 3000,3001,3002
POSTGRES_PORT 5432
REDIS_PORT 6379
KAFKA_PORT 9092
KAFKA_CONTROLLER_PORT 9093
PAYSIM_PORT 4000
PAYSIM_ARGUMENTS --latency-min-ms=50,--latency-max-ms=300
GATEWAY_URL
POSTGRES_VIA
REDIS_VIA
KAFKA_VIA
BACKING postgres,redis,kafka
SETTINGS
}

# A gateway of one's own takes paysim's place.
CLUSTER_GATEWAY_URL=${CLUSTER_GATEWAY_URL:-${PAYMENT_GATEWAY_URL:-${EDDA_GATEWAY_URL:-}}}

# resolve_settings fresh|kept: sets NGINX_PORT and the others. `kept`: as the last `up` had them, where there was one.
resolve_settings() {
  local name fallback variable kept
  while read -r name fallback; do
    variable=CLUSTER_$name
    kept=$(sed -n "s/^$name=//p" "$folder/settings" 2>/dev/null || true)
    if [ "$1" = kept ] && [ -f "$folder/settings" ]; then
      printf -v "$name" '%s' "$kept"
    else
      printf -v "$name" '%s' "${!variable:-${kept:-$fallback}}"
    fi
  done < <(cluster_settings)
  # shellcheck disable=SC2153
  IFS=, read -ra node_ports <<<"$NODE_PORTS"
}

settings_text() {
  local name _
  while read -r name _; do
    printf '%s=%s\n' "$name" "${!name}"
  done < <(cluster_settings)
}

uses() { [[ ",$BACKING," == *",$1,"* ]]; }

# In the order in which they start; they stop in reverse.
server_names() {
  local name number
  for name in postgres redis kafka; do
    if uses "$name"; then echo "$name"; fi
  done
  if [ -z "$GATEWAY_URL" ]; then echo paysim; fi
  for ((number = 1; number <= ${#node_ports[@]}; number++)); do
    echo "node-$number"
  done
  echo nginx
}

port_of() {
  case $1 in
    postgres) echo "$POSTGRES_PORT" ;;
    redis) echo "$REDIS_PORT" ;;
    kafka) echo "$KAFKA_PORT" ;;
    paysim) echo "$PAYSIM_PORT" ;;
    node-*) echo "${node_ports[$((${1#node-} - 1))]}" ;;
    nginx) echo "$NGINX_PORT" ;;
  esac
}

# PostgreSQL refuses to run as root, and nothing else here needs it: a root's servers run as the system user `edda`.
choose_user() {
  as_user=()
  [ "$(id -u)" = 0 ] || return 0
  if ! getent passwd edda >/dev/null; then
    useradd --system --user-group --home-dir /nonexistent --shell /usr/sbin/nologin edda || die "There is no user 'edda', and it could not be made."
  fi
  as_user=(setpriv --reuid=edda --regid=edda --init-groups --inh-caps=-all)
}

# The data folder, or, where the servers' user cannot come near it (a checkout in /root), one that it can.
choose_folder() {
  folder=${CLUSTER_FOLDER:-$top/data/cluster}
  [ -z "${CLUSTER_FOLDER:-}" ] && [ ${#as_user[@]} -gt 0 ] || return 0
  if ! "${as_user[@]}" test -x "$top"; then
    folder=/var/tmp/edda-cluster-$(cksum <<<"$top" | cut -d' ' -f1)
    say "The user 'edda' cannot enter $top, so the cluster's data is in $folder."
  fi
}
