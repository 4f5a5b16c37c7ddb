#!/usr/bin/env bash
# tools/fetch_kafka.sh: a Kafka broker for tests and for ./run cluster. Fetches Apache Kafka's jars from Maven's repository, as mvn's own
# settings say, once; prints the folder they are in. Others that fetch at the same time wait. Needs mvn and a Java runtime.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=${EDDA_KAFKA_JARS:-$root/build/kafka}
wanted=$root/tools/kafka/pom.xml

is_there() { cmp -s "$wanted" "$folder/pom.fetched"; }

mkdir -p "$folder"
exec 9>"$folder/lock"
flock 9
if ! is_there; then
  for program in mvn java; do
    command -v "$program" >/dev/null || { echo "fetch_kafka: there is no $program: apt-get install maven openjdk-17-jre-headless" >&2; exit 1; }
  done
  echo "Fetching Apache Kafka into $folder (about a minute) ..." >&2
  rm -rf "$folder/jars"
  mvn --batch-mode --quiet --strict-checksums -Dstyle.color=never --file "$wanted" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$folder/jars" >&2 ||
    { echo "fetch_kafka: mvn could not fetch it (above)" >&2; exit 1; }
  cp "$wanted" "$folder/pom.fetched"
fi
echo "$folder/jars"
