#!/usr/bin/env bash
# ./run cluster up | status [--json] | down | logs [NAME...]
# Three nodes behind nginx, with PostgreSQL, Redis, Kafka and a payment gateway, on this machine and without containers.
# docs/cluster.md says more. The exit code is 0 only when what was asked for is so.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"
. tools/lib.sh
. tools/cluster/settings.sh
. tools/cluster/processes.sh
. tools/cluster/servers.sh

EDDA_BIN=${EDDA_BIN:-$top/build/release/edda}
# How long one server may take until it is well.
patience=${CLUSTER_PATIENCE:-60}

usage() {
  sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}" >&2
  exit 2
}

# part_of NAME: node-2 is started and asked as a node.
part_of() { echo "${1%%-*}"; }

if_there() { if declare -F "$1" >/dev/null; then "$@"; fi; }

is_well() { pid_of "$1" >/dev/null && "is_well_$(part_of "$1")" "$1"; }

is_well_or_dead() { ! pid_of "$1" >/dev/null || is_well "$1"; }

port_is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

start_server() {
  local name=$1 part
  part=$(part_of "$name")
  mkdir -p "$folder/$name"
  if_there "prepare_$part" "$name"
  own_everything
  if ! pid_of "$name" >/dev/null; then
    clear_away "$name"
    port_is_taken "$(port_of "$name")" && die "Port $(port_of "$name") is taken by something else, so $name cannot have it." \
      $'\n' "Stop that, or move $name: docs/cluster.md lists the settings (CLUSTER_...)."
    "start_$part" "$name"
  fi
}

await_server() {
  local name=$1
  # Its number is written a moment after the launch.
  wait_for 5 pid_of "$name" >/dev/null || true
  if ! wait_for "$patience" is_well_or_dead "$name" || ! is_well "$name"; then
    say "$name is not well. The end of $folder/log/$name.log:"
    tail -n 20 "$folder/log/$name.log" >&2 || true
    die "The cluster is not up. What was started goes on running: './run cluster down' ends it, 'up' tries again."
  fi
  if_there "settle_$(part_of "$name")" "$name"
}

running_names() {
  local name
  for name in $(server_names); do
    if pid_of "$name" >/dev/null; then echo "$name"; fi
  done
}

# Two commands at a time would start everything twice.
lock() {
  mkdir -p "$folder"
  exec 9>"$folder/lock"
  flock --wait 120 9 || die "Another ./run cluster has been at work for two minutes; it holds $folder/lock."
}

up() {
  local name kept=
  [ -x "$EDDA_BIN" ] || die "There is no $EDDA_BIN: build it with ./run, or name one in EDDA_BIN."
  lock
  mkdir -p "$folder"/{run,log,bin,secrets}
  chmod 755 "$folder"
  resolve_settings kept
  if [ -n "$(running_names)" ]; then
    kept=$(settings_text)
    resolve_settings fresh
    [ "$(settings_text)" = "$kept" ] || die "The cluster runs with other settings. './run cluster down' first."
  fi
  resolve_settings fresh
  settings_text >"$folder/settings"
  # What the nodes stand on can start side by side; the nodes find it ready, and nginx finds the nodes.
  local group
  for group in "postgres redis kafka paysim" node nginx; do
    for name in $(server_names); do
      [[ " $group " == *" $(part_of "$name") "* ]] && start_server "$name"
    done
    for name in $(server_names); do
      [[ " $group " == *" $(part_of "$name") "* ]] && await_server "$name"
    done
  done
  tell_what_to_open
}

tell_what_to_open() {
  local ports="${node_ports[*]}"
  cat <<END
Edda's cluster is up.
  API       http://127.0.0.1:$NGINX_PORT        (nginx, in turns over the nodes on ${ports// /, })
  API docs  http://127.0.0.1:$NGINX_PORT/api/docs
  Admin     ${ADMIN_EMAIL:-admin@edda.local}, password in $folder/secrets/admin
  Data      $folder
  Try       scenarios/run-all-tests.sh
  Check     ./run cluster status, ./run verify
  Stop      ./run cluster down
END
}

status() {
  local name state pid all=0 rows=()
  resolve_settings kept
  for name in $(server_names); do
    pid=$(pid_of "$name") || pid=
    state=well
    if [ -z "$pid" ]; then
      state=stopped all=1
    elif ! is_well "$name"; then
      state=unwell all=1
    fi
    rows+=("$name $state $(port_of "$name") ${pid:--}")
  done
  if [ "${1:-}" = --json ]; then
    printf '%s\n' "${rows[@]}" | awk -v folder="$folder" 'BEGIN { printf "{\"folder\":\"%s\",\"servers\":[", folder }
      { printf "%s{\"name\":\"%s\",\"state\":\"%s\",\"port\":%s,\"pid\":%s}", sep, $1, $2, $3, ($4 == "-" ? "null" : $4); sep = "," }
      END { print "]}" }'
  else
    printf '%s\n' "${rows[@]}" | awk '{ printf "%-10s %-8s port %-6s process %s\n", $1, $2, $3, $4 }'
  fi
  return $all
}

down() {
  local name names way
  [ -d "$folder" ] || { say "Nothing runs: there is no $folder."; return 0; }
  lock
  resolve_settings kept
  mapfile -t names < <(server_names | tac)
  for name in "${names[@]}"; do
    read -ra way <<<"$(stop_way_of "$name")"
    stop_server "$name" "${way[@]}"
  done
  kill_left_overs "$folder" || die "Something of the cluster still runs: $(left_overs "$folder" | tr '\n' ' ')"
  say "The cluster is down. Its data stays in $folder; remove that folder to begin anew."
}

logs() {
  local name files=()
  resolve_settings kept
  for name in "$@"; do
    [ "$name" = -f ] || [ -f "$folder/log/$name.log" ] || die "There is no log of '$name'. Servers: $(server_names | tr '\n' ' ')"
  done
  local follow=()
  for name in "$@"; do
    if [ "$name" = -f ]; then follow=(-f); else files+=("$folder/log/$name.log"); fi
  done
  [ ${#files[@]} -gt 0 ] || files=("$folder"/log/*.log)
  exec tail -n 50 "${follow[@]}" "${files[@]}"
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
  up | down) [ $# -eq 0 ] || usage ;;
  status) [ $# -eq 0 ] || [ "$*" = --json ] || usage ;;
  logs) ;;
  *) usage ;;
esac
choose_user
choose_folder
"$command" "$@"
