#include "config/setting_groups.hpp"

// What makes one machine a node of a cluster.
namespace edda::config {
namespace {

bool is_tls_mode(std::string_view text) {
  return text == "disable" || text == "prefer" || text == "require" || text == "verify-ca" || text == "verify-full";
}
bool is_kafka_protocol(std::string_view text) {
  return text == "plaintext" || text == "ssl" || text == "sasl_plaintext" || text == "sasl_ssl";
}
bool is_sasl_mechanism(std::string_view text) {
  return text == "PLAIN" || text == "SCRAM-SHA-256" || text == "SCRAM-SHA-512";
}
bool is_step_transport(std::string_view text) { return text == "process" || text == "kafka"; }

}  // namespace

std::vector<Setting> cluster_settings() {
  return {
      {.key = "database.host", .place = EDDA_AT(database.host), .fallback = "",
       .about = "PostgreSQL server; unset: the embedded SQLite store.", .allowed = "a host name or address",
       .fits = is_host_or_unset, .aliases = {"DATABASE_HOST"}},
      {.key = "database.port", .place = EDDA_AT(database.port), .fallback = "5432", .about = "Its port.",
       .least = 1, .most = 65'535, .aliases = {"DATABASE_PORT"}},
      {.key = "database.name", .place = EDDA_AT(database.name), .fallback = "edda", .about = "Its database.",
       .allowed = "a name", .fits = is_text, .aliases = {"DATABASE_NAME"}},
      {.key = "database.user", .place = EDDA_AT(database.user), .fallback = "postgres", .about = "The user to connect as.",
       .allowed = "a name", .fits = is_text, .aliases = {"DATABASE_USER", "DATABASE_USERNAME"}},
      {.key = "database.password", .place = EDDA_AT(database.password), .fallback = "", .about = "That user's password.",
       .aliases = {"DATABASE_PASSWORD"}},
      {.key = "database.tls", .place = EDDA_AT(database.tls), .fallback = "prefer",
       .about = "Whether the connection is encrypted, and whether the server's certificate is checked.",
       .allowed = "one of disable, prefer, require, verify-ca, verify-full", .fits = is_tls_mode,
       .aliases = {"DATABASE_TLS", "DATABASE_SSLMODE"}},
      {.key = "database.ca_file", .place = EDDA_AT(database.ca_file), .fallback = "",
       .about = "Certificates (PEM) that the server's is checked against.", .allowed = "a file",
       .aliases = {"DATABASE_CA_FILE"}},
      {.key = "database.connections_max", .place = EDDA_AT(database.connections_max), .fallback = "8",
       .about = "Connections of one node for reads, users and ownership, besides one for each lane and one that listens.",
       .least = 2, .most = 200},
      {.key = "database.shards", .place = EDDA_AT(database.shards), .fallback = "16",
       .about = "Shards of a store that is made anew; an old one keeps its own.", .least = 1, .most = 1024},
      {.key = "cluster.lease_ms", .place = EDDA_AT(cluster.lease), .fallback = "1500",
       .about = "How long a node that gives no sign of life keeps its shards.", .least = 300, .most = minute_ms},
      {.key = "redis.host", .place = EDDA_AT(redis.host), .fallback = "",
       .about = "Redis server for the fast duplicate filter; unset: in process.", .allowed = "a host name or address",
       .fits = is_host_or_unset, .aliases = {"REDIS_HOST"}},
      {.key = "redis.port", .place = EDDA_AT(redis.port), .fallback = "6379", .about = "Its port.", .least = 1,
       .most = 65'535, .aliases = {"REDIS_PORT"}},
      {.key = "redis.user", .place = EDDA_AT(redis.user), .fallback = "", .about = "The user to connect as, if it has users.",
       .allowed = "a name", .aliases = {"REDIS_USER", "REDIS_USERNAME"}},
      {.key = "redis.password", .place = EDDA_AT(redis.password), .fallback = "", .about = "Its password, if it has one.",
       .aliases = {"REDIS_PASSWORD"}},
      {.key = "redis.db", .place = EDDA_AT(redis.db), .fallback = "0", .about = "Its database number.", .least = 0,
       .most = 1'000'000, .aliases = {"REDIS_DB"}},
      {.key = "redis.tls", .place = EDDA_AT(redis.tls), .fallback = "false",
       .about = "Encrypt the connection and check the server's certificate.", .aliases = {"REDIS_TLS"}},
      {.key = "redis.ca_file", .place = EDDA_AT(redis.ca_file), .fallback = "",
       .about = "Certificates (PEM) that the server's is checked against; unset: those of the system.", .allowed = "a file",
       .aliases = {"REDIS_CA_FILE"}},
      {.key = "kafka.brokers", .place = EDDA_AT(kafka.brokers), .fallback = "",
       .about = "Kafka brokers as host:port for the event feed; unset: SSE and API only.",
       .aliases = {"KAFKA_BROKER", "KAFKA_BROKERS"}},
      {.key = "kafka.client_id", .place = EDDA_AT(kafka.client_id), .fallback = "edda", .about = "Client id told to Kafka.",
       .allowed = "1 to 253 letters, digits, '-', '_' or '.'", .fits = is_name, .aliases = {"KAFKA_CLIENT_ID"}},
      {.key = "kafka.protocol", .place = EDDA_AT(kafka.protocol), .fallback = "plaintext",
       .about = "How brokers are spoken to.", .allowed = "one of plaintext, ssl, sasl_plaintext, sasl_ssl",
       .fits = is_kafka_protocol, .aliases = {"KAFKA_SECURITY_PROTOCOL"}},
      {.key = "kafka.sasl_mechanism", .place = EDDA_AT(kafka.sasl_mechanism), .fallback = "SCRAM-SHA-512",
       .about = "How the user is proved, with the two sasl protocols.",
       .allowed = "one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512", .fits = is_sasl_mechanism, .aliases = {"KAFKA_SASL_MECHANISM"}},
      {.key = "kafka.user", .place = EDDA_AT(kafka.user), .fallback = "", .about = "The user to connect as, with the two sasl protocols.",
       .allowed = "a name", .aliases = {"KAFKA_USER", "KAFKA_USERNAME"}},
      {.key = "kafka.password", .place = EDDA_AT(kafka.password), .fallback = "", .about = "That user's password.",
       .aliases = {"KAFKA_PASSWORD"}},
      {.key = "kafka.ca_file", .place = EDDA_AT(kafka.ca_file), .fallback = "",
       .about = "Certificates (PEM) that the brokers' are checked against; unset: those of the system.", .allowed = "a file",
       .aliases = {"KAFKA_CA_FILE"}},
      {.key = "kafka.replication", .place = EDDA_AT(kafka.replication), .fallback = "0",
       .about = "Copies of each partition, of topics that are made anew; 0: as the brokers say.", .least = 0, .most = 15},
      {.key = "steps.payment_processing", .place = EDDA_AT(steps.payment_processing), .fallback = "process",
       .about = "Who performs the charge: the owner of the order itself, or a worker over Kafka ('edda worker').",
       .allowed = "process or kafka", .fits = is_step_transport},
  };
}

}  // namespace edda::config
