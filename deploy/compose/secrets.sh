#!/bin/sh
# secrets.sh, in a container of compose.yaml: makes each secret that is not there yet, in the volumes under /secrets. They are readable
# in their volume for all: a container has its own user, and sees the volumes that it is given only.
set -eu
umask 022

put() { # FILE: from standard input, whole or not at all
  cat >"$1.new"
  mv "$1.new" "$1"
}

secret() {
  [ -s "$1" ] || head -c 24 /dev/urandom | base64 | tr '+/' '-_' | put "$1"
}

secret /secrets/database/password
secret /secrets/redis/password
secret /secrets/gateway/secret
secret /secrets/admin/password
# Locks and counters only: nothing that must survive.
put /secrets/redis/redis.conf <<CONF
requirepass $(cat /secrets/redis/password)
save ""
appendonly no
maxmemory 64mb
CONF
