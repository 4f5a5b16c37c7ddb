#!/usr/bin/env bash
# As the official image's: KAFKA_A_B=c is the property a.b=c.
set -euo pipefail
properties=/tmp/server.properties
while IFS='=' read -r name value; do
  case $name in
    KAFKA_HEAP_OPTS | KAFKA_OPTS | KAFKA_*_OPTS) ;;
    KAFKA_*) printf '%s=%s\n' "$(tr 'A-Z_' 'a-z.' <<<"${name#KAFKA_}")" "$value" ;;
  esac
done < <(env) >"$properties"
read -ra options <<<"${KAFKA_HEAP_OPTS:--Xmx384m} ${KAFKA_OPTS:-} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j.configuration=file:/opt/kafka/config/log4j.properties"
if [ ! -f "$(sed -n 's/^log.dirs=//p' "$properties")/meta.properties" ]; then
  java "${options[@]}" -cp '/opt/kafka/libs/*' kafka.tools.StorageTool format --cluster-id "${CLUSTER_ID:-5L6g3nShT-eMCtK--X86sw}" --config "$properties"
fi
exec java "${options[@]}" -cp '/opt/kafka/libs/*' kafka.Kafka "$properties"
