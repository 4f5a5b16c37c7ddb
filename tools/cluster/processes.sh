# shellcheck shell=bash disable=SC2154
# Sourced by tools/cluster.sh: servers as processes. What runs is found again by what it wrote before it began, FOLDER/run/NAME.pid, and
# by where it runs, so that `down` also finds what a killed script or a killed master process left behind.

# started_at PID: when the process began, in clock ticks since the boot. A number that is used again has another one.
started_at() {
  local stat
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  stat=${stat##*) }
  cut -d' ' -f20 <<<"$stat"
}

is_zombie() { grep -qs '^State:[[:space:]]*Z' "/proc/$1/status"; }

# pid_of NAME: its process, if that is alive.
pid_of() {
  local pid started
  read -r pid started 2>/dev/null <"$folder/run/$1.pid" || return 1
  [ "$(started_at "$pid")" = "$started" ] && ! is_zombie "$pid" && echo "$pid"
}

# launch NAME COMMAND...: in a session of its own, in FOLDER/NAME, writing to FOLDER/log/NAME.log.
launch() {
  local name=$1
  shift
  setsid --fork "$top/tools/cluster/become.sh" "$folder/$name" "$folder/run/$name.pid" "${as_user[@]}" "$@" \
    </dev/null >>"$folder/log/$name.log" 2>&1 9>&-
}

# wait_for SECONDS COMMAND...: asks until it is true; false when the time is over.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || return 1
    sleep 0.1
  done
}

is_gone() { [ ! -d "/proc/$1" ] || is_zombie "$1"; }

# stop_server NAME SIGNAL SECONDS: asks, waits, and ends it the hard way.
stop_server() {
  local pid
  pid=$(pid_of "$1") || { rm -f "$folder/run/$1.pid"; return 0; }
  kill "-$2" "$pid" 2>/dev/null || true
  kill -CONT "$pid" 2>/dev/null || true # one that was halted could not end
  if ! wait_for "$3" is_gone "$pid"; then
    say "$1 did not end within $3 s of SIG$2; killing it."
    kill -KILL "$pid" 2>/dev/null || true
    wait_for 5 is_gone "$pid" || say "$1 (process $pid) does not even end by SIGKILL."
  fi
  rm -f "$folder/run/$1.pid"
}

# left_overs FOLDER: servers that run there, however they came to be: workers of a killed nginx, backends of a killed PostgreSQL.
left_overs() {
  local process pid cwd exe
  for process in /proc/[0-9]*; do
    cwd=$(readlink "$process/cwd" 2>/dev/null) || continue
    [[ "$cwd/" == "$1"/* ]] || continue
    exe=$(readlink "$process/exe" 2>/dev/null) || continue
    exe=${exe% (deleted)}
    case ${exe##*/} in
      postgres | redis-server | redis-check-rdb | java | edda | nginx)
        pid=${process#/proc/}
        is_zombie "$pid" || echo "$pid"
        ;;
    esac
  done
}

no_left_overs() { [ -z "$(left_overs "$1")" ]; }

kill_left_overs() {
  local pids
  pids=$(left_overs "$1")
  [ -n "$pids" ] || return 0
  say "Ending what was left behind: ${pids//$'\n'/ }"
  # shellcheck disable=SC2086
  kill -KILL $pids 2>/dev/null || true
  wait_for 5 no_left_overs "$1"
}

was_reaped() { [ ! -d "/proc/$1" ]; }

# clear_away NAME: what a server that died without order left. Its number too must be free: PostgreSQL takes a dead process that nobody has
# reaped yet for a living one.
clear_away() {
  local pid _
  kill_left_overs "$folder/$1" || die "What was left of $1 does not end."
  read -r pid _ 2>/dev/null <"$folder/run/$1.pid" || return 0
  if is_zombie "$pid"; then wait_for 10 was_reaped "$pid" || true; fi
}
