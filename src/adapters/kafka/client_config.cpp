#include "kafka/client_config.hpp"

#include <fmt/ranges.h>
#include <syslog.h>

#include <array>

namespace edda::kafka {
namespace {

constexpr std::size_t reason_bytes = 512;

Result<void> set(rd_kafka_conf_t& conf, std::string_view name, const std::string& value) {
  std::array<char, reason_bytes> reason{};
  const auto result = rd_kafka_conf_set(&conf, std::string(name).c_str(), value.c_str(), reason.data(), reason.size());
  if (result == RD_KAFKA_CONF_OK) return {};
  // librdkafka's reason may repeat the value, which may be a secret.
  return fail(Errc::invalid_argument, fmt::format("Kafka's client refuses the setting {}", name), std::string(name));
}

Result<void> set_if(rd_kafka_conf_t& conf, std::string_view name, const std::string& value) {
  return value.empty() ? Result<void>{} : set(conf, name, value);
}

std::string protocol(const ConnectionSettings& connection) {
  if (connection.sasl_mechanism.empty()) return connection.tls ? "ssl" : "plaintext";
  return connection.tls ? "sasl_ssl" : "sasl_plaintext";
}

Result<void> secure(rd_kafka_conf_t& conf, const ConnectionSettings& connection) {
  TRY_VOID(set(conf, "security.protocol", protocol(connection)));
  if (connection.tls) {
    TRY_VOID(set(conf, "ssl.endpoint.identification.algorithm", "https"));
    TRY_VOID(set_if(conf, "ssl.ca.location", connection.ca_file));
    TRY_VOID(set_if(conf, "ssl.certificate.location", connection.certificate_file));
    TRY_VOID(set_if(conf, "ssl.key.location", connection.key_file));
  }
  if (connection.sasl_mechanism.empty()) return {};
  TRY_VOID(set(conf, "sasl.mechanisms", connection.sasl_mechanism));
  TRY_VOID(set(conf, "sasl.username", connection.user));
  return set(conf, "sasl.password", connection.password);
}

}  // namespace

Result<Conf> make_conf(const ConnectionSettings& connection, Options more) {
  Conf conf(rd_kafka_conf_new());
  TRY_VOID(set(*conf, "bootstrap.servers", fmt::format("{}", fmt::join(connection.brokers, ","))));
  TRY_VOID(set(*conf, "client.id", connection.client_id));
  // Librdkafka 2.0.2 has Nagle's algorithm on, which holds back small requests.
  TRY_VOID(set(*conf, "socket.nagle.disable", "true"));
  TRY_VOID(set(*conf, "socket.keepalive.enable", "true"));
  TRY_VOID(set(*conf, "reconnect.backoff.ms", "50"));
  TRY_VOID(set(*conf, "reconnect.backoff.max.ms", "2000"));
  // What goes wrong comes as events, which this program reports itself; librdkafka writes to stderr otherwise.
  TRY_VOID(set(*conf, "log_level", std::to_string(LOG_EMERG)));
  TRY_VOID(secure(*conf, connection));
  for (const auto& [name, value] : more) TRY_VOID(set(*conf, name, value));
  return conf;
}

Result<Client> open_client(rd_kafka_type_t type, Conf conf) {
  std::array<char, reason_bytes> reason{};
  rd_kafka_t* client = rd_kafka_new(type, conf.get(), reason.data(), reason.size());
  if (client == nullptr)
    return fail(Errc::invalid_argument, fmt::format("Kafka's client cannot be made: {}", reason.data()));
  static_cast<void>(conf.release());  // the client's now
  return Client(client);
}

}  // namespace edda::kafka
