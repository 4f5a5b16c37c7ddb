#!/usr/bin/env bash
# make.sh FOLDER: images under the official images' names, for tests without a registry, in the engine that DOCKER_HOST names. From Debian's packages
# and Kafka's jars; what is fetched is kept in FOLDER. They take the environment of the official ones, as far as compose.yaml uses it.
set -euo pipefail
[ $# -eq 1 ] || { sed -n 2,3p "$0" >&2; exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../../.." && pwd)
mkdir -p "$1"
folder=$(cd "$1" && pwd)
export DOCKER_BUILDKIT=0

names() { grep -hv '^#' "$@"; }

# What `docker pull debian:12-slim` would bring, and in /debs the packages that images built on it install: a build reaches no network here.
make_base() {
  local root=$folder/base
  rm -rf "$root"
  # In mounts of its own, as debootstrap and packages leave theirs behind.
  # shellcheck disable=SC2016 # expanded by the inner shell
  unshare --mount bash -euo pipefail -c '
    root=$1 list=$2
    debootstrap --variant=minbase bookworm "$root" >"$root.log"
    printf "deb http://deb.debian.org/debian %s main\n" bookworm bookworm-updates >"$root/etc/apt/sources.list"
    echo "deb http://deb.debian.org/debian-security bookworm-security main" >>"$root/etc/apt/sources.list"
    chroot "$root" apt-get -q update >>"$root.log"
    # shellcheck disable=SC2086
    chroot "$root" apt-get -q -y install --no-install-recommends --download-only $list >>"$root.log"
    ' bash "$root" "$(names "$here/packages" "$top/deploy/image/libraries" | tr '\n' ' ')"
  mkdir "$root/debs"
  mv "$root"/var/cache/apt/archives/*.deb "$root/debs/"
  (cd "$root/debs" && dpkg-scanpackages . 2>/dev/null >Packages)
  echo 'deb [trusted=yes] file:/debs ./' >"$root/etc/apt/sources.list"
  # As slim as the official one.
  printf 'path-exclude /usr/share/%s/*\n' doc groff info lintian linda man locale >"$root/etc/dpkg/dpkg.cfg.d/docker"
  printf 'path-include /usr/share/doc/*/copyright\n' >>"$root/etc/dpkg/dpkg.cfg.d/docker"
  find "$root/usr/share/doc" -type f ! -name copyright -delete
  rm -rf "$root"/usr/share/{groff,info,lintian,man,locale}/* "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*.bin "$root"/var/log/*
}

stamp=$(names "$here/packages" "$top/deploy/image/libraries" "$here/make.sh" | cksum | cut -d' ' -f1)
if [ "$(cat "$folder/base.stamp" 2>/dev/null)" != "$stamp" ]; then
  echo "Making a Debian to stand in for the official image (about two minutes) ..." >&2
  make_base
  echo "$stamp" >"$folder/base.stamp"
fi
if [ "$(docker image inspect --format '{{index .Config.Labels "edda.stamp"}}' debian:12-slim 2>/dev/null)" != "$stamp" ]; then
  tar -C "$folder/base" -c . | docker import --change 'CMD ["bash"]' --change "LABEL edda.stamp=$stamp" - debian:12-slim >/dev/null
fi

context=$folder/context
rm -rf "$context"
mkdir -p "$context"
cp -r "$here"/* "$context/"
cp -r "$("$top/tools/fetch_kafka.sh")" "$context/kafka-jars"
cp "$top/tools/kafka/log4j.properties" "$context/"
while read -r target name; do
  docker build --quiet --target "$target" --tag "$name" "$context" >/dev/null
done <"$here/images"
rm -rf "$context"
