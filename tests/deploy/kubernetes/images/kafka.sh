#!/bin/bash
# Stands in for the entry point of the official image: each KAFKA_ABC_DEF becomes the property abc.def, the volume is formatted under
# CLUSTER_ID where it is new, and KAFKA_HEAP_OPTS goes to the virtual machine.
set -euo pipefail
properties=/tmp/server.properties
for name in $(compgen -e KAFKA_); do
  case $name in KAFKA_HEAP_OPTS | KAFKA_OPTS | KAFKA_LOG4J_OPTS) continue ;; esac
  key=${name#KAFKA_}
  key=${key,,}
  echo "${key//_/.}=${!name}"
done >"$properties"
read -ra options <<<"${KAFKA_HEAP_OPTS:-}"
java=(java "${options[@]}" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j.configuration=file:/opt/kafka/log4j.properties -cp "/opt/kafka/jars/*")
if [ ! -f "${KAFKA_LOG_DIRS:?}/meta.properties" ]; then
  "${java[@]}" kafka.tools.StorageTool format --cluster-id "$CLUSTER_ID" --config "$properties"
fi
exec "${java[@]}" kafka.Kafka "$properties"
