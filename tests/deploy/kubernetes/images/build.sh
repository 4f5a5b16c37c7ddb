#!/usr/bin/env bash
# build.sh FOLDER EDDA_BIN: FOLDER/images.tar for `load`: Edda, and stand-ins for the official images of PostgreSQL, Redis and Kafka, made from
# Debian's packages and Maven's Kafka under their names and environment. No registry is asked. The stand-ins' files are kept in FOLDER/root.
# EDDA_IMAGE=FILE takes an image of Edda that was made elsewhere (docker save) instead of EDDA_BIN. Run as root.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../../../.." && pwd)
folder=$(mkdir -p "$1" && cd "$1" && pwd)
binary=$2
packages=postgresql-15,redis-server,openjdk-17-jre-headless,ca-certificates,libpq5,librdkafka1,libsodium23,libsqlite3-0,libfmt9
packages+=,libboost-json1.81.0,libboost-url1.81.0,libtomlplusplus3,libcrypt1,libssl3,libstdc++6

root=$folder/root
if [ "$(cat "$folder/root.made" 2>/dev/null)" != "$packages" ]; then
  rm -rf "$root"
  debootstrap --variant=minbase --components=main --include="$packages" bookworm "$root" >"$folder/debootstrap.log" ||
    { tail -n 5 "$folder/debootstrap.log" >&2; exit 1; }
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,man,locale,info}
  ln -s /usr/lib/postgresql/15/bin/{postgres,initdb,pg_isready,psql,pg_ctl} "$root/usr/local/bin/"
  # The official images' users, by number.
  sed -i -E 's/^(postgres|redis):x:[0-9]+:[0-9]+/\1:x:999:999/' "$root/etc/passwd"
  echo "appuser:x:1000:1000::/:/usr/sbin/nologin" >>"$root/etc/passwd"
  echo "$packages" >"$folder/root.made"
fi
jars=$("$top/tools/fetch_kafka.sh")
mkdir -p "$root/opt/kafka/jars"
cp -u "$jars"/*.jar "$root/opt/kafka/jars/"
install -C -m 644 "$top/tools/kafka/log4j.properties" "$root/opt/kafka/"
install -C -m 755 "$here/postgres.sh" "$here/kafka.sh" "$root/usr/local/bin/"

mkdir -p "$folder/edda/usr/local/bin"
if [ ! "$folder/edda/usr/local/bin/edda" -nt "$binary" ]; then strip -o "$folder/edda/usr/local/bin/edda" "$binary"; fi
python3 "$here/archive.py" "$folder"
