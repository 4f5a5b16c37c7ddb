# shellcheck shell=bash disable=SC2154
# Sourced by tools/cluster.sh: each server of the cluster. prepare_NAME makes what it needs (as the caller), start_NAME launches it,
# is_well_NAME asks it, settle_NAME does what is left to do once it is well. Missing ones are no-ops.

# secret NAME: made once, readable by its owner and the servers only.
secret() {
  local file=$folder/secrets/$1
  [ -s "$file" ] || (umask 077 && head -c 24 /dev/urandom | base64 | tr '+/' '-_' >"$file")
  cat "$file"
}

# tcp PORT BYTES: what a server on this machine answers, at least one byte within two seconds.
tcp_answer() {
  # shellcheck disable=SC2016
  timeout 2 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0" && printf "$1" >&3 && [ -n "$(head -c 4 <&3 | od -An -tx1)" ]' "$1" "$2" 2>/dev/null
}

http_ok() { curl --silent --fail --max-time 2 --output /dev/null "$1"; }

# --- PostgreSQL: durable as it comes, listening to this machine only.

postgres_programs=/usr/lib/postgresql/15/bin

prepare_postgres() {
  [ -f "$folder/postgres/data/PG_VERSION" ] && return
  say "Making the database ..."
  secret postgres >/dev/null
  own_everything
  # A half-made one, of an `up` that was killed, is no database.
  rm -rf "$folder/postgres/data"
  (cd "$folder/postgres" && "${as_user[@]}" "$postgres_programs/initdb" --pgdata=making --username=postgres --auth=scram-sha-256 \
    --pwfile=../secrets/postgres --encoding=UTF8 --locale=C >../log/initdb.log 2>&1) || die "initdb failed: $folder/log/initdb.log"
  mv "$folder/postgres/making" "$folder/postgres/data"
}

start_postgres() {
  launch postgres "$postgres_programs/postgres" -D "$folder/postgres/data" -c "port=$POSTGRES_PORT" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories= -c max_connections=200
}

psql_as_postgres() {
  PGPASSWORD=$(secret postgres) psql --host=127.0.0.1 --port="$POSTGRES_PORT" --username=postgres --no-psqlrc --quiet --tuples-only \
    --set=ON_ERROR_STOP=1 "$@"
}

is_well_postgres() { PGCONNECT_TIMEOUT=2 psql_as_postgres --dbname=postgres --command='select 1' >/dev/null 2>&1; }

# Each half may be there already.
settle_postgres() {
  psql_as_postgres --dbname=postgres --set=password="$(secret database)" >/dev/null <<'SQL' || die "The database 'edda' could not be made (above)."
select 'create role edda login' where not exists (select from pg_roles where rolname = 'edda') \gexec
alter role edda password :'password';
select 'create database edda owner edda' where not exists (select from pg_database where datname = 'edda') \gexec
SQL
}

# --- Redis: holds locks and counters only, nothing that must survive it.

start_redis() {
  secret redis >/dev/null
  rm -f "$folder/redis/redis.conf"
  (umask 077 && cat >"$folder/redis/redis.conf") <<END
bind 127.0.0.1
port $REDIS_PORT
requirepass $(secret redis)
save ""
appendonly no
maxmemory 64mb
dir $folder/redis
END
  own_everything
  launch redis redis-server "$folder/redis/redis.conf"
}

is_well_redis() { [ "$(REDISCLI_AUTH=$(secret redis) timeout 2 redis-cli -p "$REDIS_PORT" ping 2>/dev/null)" = PONG ]; }

# --- Kafka, in a folder of its own together with what starts it: the servers' user may not be able to read the checkout.

prepare_kafka() {
  mkdir -p "$folder/tools"
  cp -r "$top/tools/fetch_kafka.sh" "$top/tools/kafka_node.sh" "$top/tools/kafka" "$folder/tools/"
  EDDA_KAFKA_JARS=$folder/kafka-jars "$folder/tools/fetch_kafka.sh" >/dev/null || die "Kafka could not be fetched (above)."
}

start_kafka() {
  launch kafka env "EDDA_KAFKA_JARS=$folder/kafka-jars" "JAVA_OPTIONS=-Xms128m -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1" \
    "$folder/tools/kafka_node.sh" "$folder/kafka" "$KAFKA_PORT" "$KAFKA_CONTROLLER_PORT" \
    ${KAFKA_VIA:+"advertised.listeners=PLAINTEXT://127.0.0.1:$KAFKA_VIA"}
}

# An ApiVersions request, the one that every broker answers.
is_well_kafka() { tcp_answer "$KAFKA_PORT" '\0\0\0\012\0\022\0\0\0\0\0\001\377\377'; }

# --- The payment gateway, its ledger, and the nodes.

prepare_paysim() { install_binary; }

start_paysim() {
  local arguments
  IFS=, read -ra arguments <<<"$PAYSIM_ARGUMENTS"
  launch paysim "$folder/bin/edda" paysim --host 127.0.0.1 --port "$PAYSIM_PORT" --ledger "$folder/paysim/paysim.ledger" "${arguments[@]}"
}

is_well_paysim() { tcp_answer "$PAYSIM_PORT" 'GET / HTTP/1.1\r\nHost: paysim\r\nConnection: close\r\n\r\n'; }

# Copied, so that a build does not change what runs; a running server keeps the file it was started from.
install_binary() {
  cmp -s "$EDDA_BIN" "$folder/bin/edda" && return
  cp "$EDDA_BIN" "$folder/bin/edda.new" && chmod 755 "$folder/bin/edda.new" && mv "$folder/bin/edda.new" "$folder/bin/edda"
}

prepare_node() { install_binary; }

# CLUSTER_POSTGRES_VIA may be a list: a way of its own for each node.
database_port_of() {
  local ways
  IFS=, read -ra ways <<<"${POSTGRES_VIA:-$POSTGRES_PORT}"
  echo "${ways[$((${1#node-} - 1))]:-${ways[0]}}"
}

start_node() {
  local name=$1
  local environment=(
    "NODE_ID=$name" "PORT=$(port_of "$name")" EDDA_SERVER_HOST=127.0.0.1 "EDDA_DATA=$folder/$name/data"
    "ADMIN_EMAIL=${ADMIN_EMAIL:-admin@edda.local}" "ADMIN_PASSWORD_FILE=$folder/secrets/admin" EDDA_HTTP_TRUSTED_PROXIES=127.0.0.1
    "PAYMENT_GATEWAY_URL=${GATEWAY_URL:-http://127.0.0.1:$PAYSIM_PORT}"
  )
  secret admin >/dev/null
  if uses postgres; then
    secret database >/dev/null
    environment+=(DATABASE_HOST=127.0.0.1 "DATABASE_PORT=$(database_port_of "$name")" DATABASE_NAME=edda DATABASE_USER=edda "DATABASE_PASSWORD_FILE=$folder/secrets/database")
  fi
  if uses redis; then environment+=(REDIS_HOST=127.0.0.1 "REDIS_PORT=${REDIS_VIA:-$REDIS_PORT}" "REDIS_PASSWORD_FILE=$folder/secrets/redis"); fi
  if uses kafka; then environment+=("KAFKA_BROKER=127.0.0.1:${KAFKA_VIA:-$KAFKA_PORT}"); fi
  own_everything
  launch "$name" env "${environment[@]}" "$folder/bin/edda" serve
}

is_well_node() { http_ok "http://127.0.0.1:$(port_of "$1")/readyz"; }

# --- Nginx

start_nginx() {
  "$top/deploy/nginx/render.sh" --into "$folder/nginx" "$NGINX_PORT" "${node_ports[@]/#/127.0.0.1:}"
  own_everything
  launch nginx /usr/sbin/nginx -e stderr -p "$folder/nginx" -c "$folder/nginx/nginx.conf"
}

is_well_nginx() { http_ok "http://127.0.0.1:$NGINX_PORT/readyz"; }

# Signal and seconds with which each ends in order.
stop_way_of() {
  case $1 in
    postgres) echo INT 20 ;;
    kafka) echo TERM 20 ;;
    node-*) echo TERM 25 ;;
    nginx) echo QUIT 5 ;;
    *) echo TERM 10 ;;
  esac
}

# own_everything: what the caller made is the servers' to use, and nobody else's to read.
own_everything() {
  [ ${#as_user[@]} -eq 0 ] || chown -R edda:edda "$folder"
  chmod 700 "$folder/secrets"
}
