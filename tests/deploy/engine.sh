#!/usr/bin/env bash
# engine.sh FOLDER: a Docker engine of its own for the tests: own processes, mounts and network, its data and its socket (docker.sock) in
# FOLDER. Stays in the foreground; when it ends, by whatever signal, the kernel ends everything that ran in it, and nothing of it is left on
# this machine's network. FOLDER/inside holds the number of a process in there: nsenter --target N --net reaches what containers publish.
set -euo pipefail
[ $# -ge 1 ] || { sed -n 2,4p "$0" >&2; exit 2; }
folder=$(readlink -m "$1")
cgroup=edda-deploy-$(cksum <<<"$folder" | cut -d' ' -f1)

cgroup_roots() { find /sys/fs/cgroup -maxdepth 1 -mindepth 1 -type d; }

if [ "${2:-}" != inside ]; then
  [ "$(id -u)" = 0 ] || { echo "engine.sh: a Docker engine takes root" >&2; exit 2; }
  mkdir -p "$folder"
  rm -f "$folder"/{docker.sock,inside}
  setsid unshare --pid --mount --net --uts --ipc --fork --kill-child "$0" "$folder" inside &
  outer=$!
  # An interrupt ends the wait, never the trap.
  # shellcheck disable=SC2317
  finish() {
    kill -KILL "$outer" 2>/dev/null || true
    wait "$outer" 2>/dev/null || true
    local root
    for root in $(cgroup_roots); do
      [ ! -d "$root/$cgroup" ] || find "$root/$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || true
    done
    rm -f "$folder"/{docker.sock,inside}
  }
  trap finish EXIT
  trap 'exit 143' TERM INT HUP
  for _ in $(seq 100); do
    inner=$(tr -d ' ' <"/proc/$outer/task/$outer/children" 2>/dev/null || true)
    [ -n "$inner" ] && break
    sleep 0.05
  done
  echo "$inner" >"$folder/inside"
  wait "$outer" || true
  exit
fi

mount --make-rprivate /
mount -t proc proc /proc
# The network namespace's own sysfs, with the cgroups that were there.
mkdir -p "$folder/cgroup"
mount --rbind /sys/fs/cgroup "$folder/cgroup"
mount -t sysfs sysfs /sys
mount --rbind "$folder/cgroup" /sys/fs/cgroup
umount --lazy "$folder/cgroup"
mount -t tmpfs tmpfs /run
ip link set lo up
sysctl -qw net.ipv4.ip_forward=1 || true
exec dockerd --data-root "$folder/data" --exec-root /run/docker --pidfile /run/docker.pid --host "unix://$folder/docker.sock" \
  --group root --storage-driver overlay2 --cgroup-parent "/$cgroup" --log-level warn --shutdown-timeout 5
