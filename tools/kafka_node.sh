#!/usr/bin/env bash
# tools/kafka_node.sh FOLDER PORT CONTROLLER_PORT [NAME=VALUE...]: one Kafka broker on the loopback (KRaft, broker and controller in one),
# its data in FOLDER. Becomes the broker: the process id stays, SIGTERM stops it. A second start on the same FOLDER and ports goes on with
# its data. NAME=VALUE are further lines of its server.properties. JAVA_OPTIONS replaces the options of the virtual machine.
set -euo pipefail
[ $# -ge 3 ] || { sed -n 2,4p "$0" >&2; exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$1 port=$2 controller=$3
shift 3
jars=$("$here/fetch_kafka.sh")
mkdir -p "$folder"

listeners=PLAINTEXT://127.0.0.1:$port protocols=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
cat >"$folder/server.properties" <<END
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
controller.listener.names=CONTROLLER
listeners=$listeners,CONTROLLER://127.0.0.1:$controller
advertised.listeners=$listeners
listener.security.protocol.map=$protocols
inter.broker.listener.name=PLAINTEXT
log.dirs=$folder/data
num.partitions=1
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=2
log.cleaner.dedupe.buffer.size=4194304
END
# The last line of a name counts.
for line in "$@"; do printf '%s\n' "$line"; done >>"$folder/server.properties"

# Small and quick to start: it shares a machine with what it is there for.
read -ra options <<<"${JAVA_OPTIONS:--Xms64m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto}"
java=(java "${options[@]}" "-Dlog4j.configuration=file:$here/kafka/log4j.properties" -cp "$jars/*")
if [ ! -f "$folder/data/meta.properties" ]; then
  "${java[@]}" kafka.tools.StorageTool format --cluster-id "${CLUSTER_ID:-ZWRkYS1rYWZrYS1ub2RlIQ}" --config "$folder/server.properties" >&2
fi
exec "${java[@]}" kafka.Kafka "$folder/server.properties"
