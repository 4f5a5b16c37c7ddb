#include "worker/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

#include "cli/own_command_line.hpp"

namespace edda::worker {
namespace {

constexpr const char* about =
    "Performs payment steps that servers hand out over Kafka: charges, refunds and voids, at a gateway over HTTP.\n"
    "Start as many as you like; those of one group share the steps. What one dies over is handed out again.";
constexpr const char* examples = R"(Environment, the same as a server's (docs/configuration.md):
  KAFKA_BROKER                 as --brokers
  KAFKA_SECURITY_PROTOCOL      as --protocol
  KAFKA_SASL_MECHANISM         as --sasl-mechanism
  KAFKA_CA_FILE                as --ca-file
  KAFKA_USER, KAFKA_PASSWORD   sign in, with the two sasl protocols
  PAYMENT_GATEWAY_URL          as --gateway-url
  PAYMENT_GATEWAY_SECRET       bearer token for the gateway
  OTEL_EXPORTER_OTLP_ENDPOINT  collector of traces (also the other OTEL_ names of a server)

Examples:
  edda worker --brokers 127.0.0.1:9092 --gateway-url http://127.0.0.1:4000)";

void add_kafka(CLI::App& app, kafka::WorkerSettings& settings, std::string& protocol) {
  auto& connection = settings.connection;
  app.add_option("--brokers", connection.brokers, "Kafka brokers as host:port, separated by commas")->delimiter(',')->type_name("");
  app.add_option("--topic-prefix", connection.topic_prefix, "Stands before the names of topics and of the group")->type_name("");
  app.add_option("--group", settings.group, "Workers of one group share the steps")->capture_default_str()->type_name("");
  app.add_option("--protocol", protocol, "plaintext (default), ssl, sasl_plaintext or sasl_ssl")->type_name("");
  app.add_option("--ca-file", connection.ca_file, "Authorities that brokers are checked against, PEM (default: the system's)")->type_name("");
  app.add_option("--sasl-mechanism", connection.sasl_mechanism, "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512 (default)")->type_name("");
}

cli::Stop mistake(const std::string& what) { return {2, "edda worker: " + what + "\n'edda worker --help' says more.\n"}; }

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from < list.size();) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    std::string part = list.substr(from, comma - from);
    std::erase(part, ' ');
    if (!part.empty()) parts.push_back(std::move(part));
    from = comma + 1;
  }
  return parts;
}

/// A server's own names first, as there.
void fill(std::string& value, const Environment& environment, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (value.empty()) value = environment(name);
}

/// What the command line does not say. Nothing, or what is wrong.
std::optional<cli::Stop> complete(kafka::ConnectionSettings& connection, std::string protocol, const Environment& environment) {
  if (connection.brokers.empty()) {
    std::string brokers;
    fill(brokers, environment, {"EDDA_KAFKA_BROKERS", "KAFKA_BROKER", "KAFKA_BROKERS"});
    connection.brokers = split(brokers);
  }
  if (connection.brokers.empty()) return mistake("--brokers (or KAFKA_BROKER) is needed");
  fill(protocol, environment, {"EDDA_KAFKA_PROTOCOL", "KAFKA_SECURITY_PROTOCOL"});
  fill(connection.ca_file, environment, {"EDDA_KAFKA_CA_FILE", "KAFKA_CA_FILE"});
  std::ranges::transform(protocol, protocol.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool sasl = protocol.starts_with("sasl_");
  const std::string_view carrier = std::string_view(protocol).substr(sasl ? 5 : 0);
  if (carrier != "ssl" && carrier != "plaintext" && !protocol.empty())
    return mistake("--protocol is one of plaintext, ssl, sasl_plaintext, sasl_ssl");
  connection.tls = carrier == "ssl";
  if (!sasl) return connection.sasl_mechanism.empty() ? std::nullopt : std::optional(mistake("--sasl-mechanism needs one of the sasl protocols"));
  fill(connection.sasl_mechanism, environment, {"EDDA_KAFKA_SASL_MECHANISM", "KAFKA_SASL_MECHANISM"});
  if (connection.sasl_mechanism.empty()) connection.sasl_mechanism = "SCRAM-SHA-512";
  fill(connection.user, environment, {"EDDA_KAFKA_USER", "KAFKA_USER", "KAFKA_USERNAME"});
  fill(connection.password, environment, {"EDDA_KAFKA_PASSWORD", "KAFKA_PASSWORD"});
  return connection.user.empty() ? std::optional(mistake("signing in needs KAFKA_USER and KAFKA_PASSWORD")) : std::nullopt;
}

/// As a server's settings of traces, by OpenTelemetry's names.
std::optional<cli::Stop> complete(telemetry::TraceSettings& traces, const Environment& environment) {
  std::string endpoint, whole, sampler, share;
  fill(endpoint, environment, {"EDDA_TRACING_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"});
  fill(whole, environment, {"EDDA_TRACING_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"});
  fill(traces.headers, environment, {"EDDA_TRACING_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"});
  fill(sampler, environment, {"EDDA_TRACING_SAMPLER", "OTEL_TRACES_SAMPLER"});
  fill(share, environment, {"EDDA_TRACING_SAMPLER_ARG", "OTEL_TRACES_SAMPLER_ARG"});
  traces.url = telemetry::traces_url(endpoint, whole);
  traces.service = environment("OTEL_SERVICE_NAME");
  if (traces.service.empty()) traces.service = "edda";
  double ratio = 1;
  const auto [end, wrong] = std::from_chars(share.data(), share.data() + share.size(), ratio);
  if (!share.empty() && (wrong != std::errc{} || end != share.data() + share.size() || !(ratio >= 0 && ratio <= 1)))
    return mistake("OTEL_TRACES_SAMPLER_ARG is a number from 0 to 1");
  const auto known = tracing::sampler_of(sampler.empty() ? "parentbased_always_on" : sampler, ratio);
  if (!known) return mistake("OTEL_TRACES_SAMPLER is always_on, always_off or traceidratio, each behind parentbased_ or not");
  traces.sampler = *known;
  return std::nullopt;
}

}  // namespace

std::expected<Options, cli::Stop> parse_options(std::vector<std::string> arguments, const Environment& environment) {
  Options options;
  std::int64_t timeout = options.kafka.step_timeout.count();
  CLI::App app(about, "edda worker");
  app.footer(examples);
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  std::string protocol;
  add_kafka(app, options.kafka, protocol);
  app.add_option("--gateway-url", options.gateway_url, "The payment gateway: http://127.0.0.1:4000")->type_name("");
  app.add_option("--at-once", options.kafka.at_once, "Steps performed at the same time")
      ->check(CLI::Range(1, 10'000))->capture_default_str()->type_name("");
  app.add_option("--step-timeout-ms", timeout, "How long the gateway may take; less than the step's own timeout")
      ->check(CLI::Range(1, 600'000))->capture_default_str()->type_name("");
  if (auto stop = cli::read_own(app, std::move(arguments))) return std::unexpected(*std::move(stop));
  options.kafka.step_timeout = std::chrono::milliseconds(timeout);
  if (auto wrong = complete(options.kafka.connection, std::move(protocol), environment)) return std::unexpected(*std::move(wrong));
  if (auto wrong = complete(options.traces, environment)) return std::unexpected(*std::move(wrong));
  fill(options.gateway_url, environment, {"EDDA_GATEWAY_URL", "PAYMENT_GATEWAY_URL"});
  fill(options.gateway_secret, environment, {"EDDA_GATEWAY_SECRET", "PAYMENT_GATEWAY_SECRET"});
  if (options.gateway_url.empty()) return std::unexpected(mistake("--gateway-url (or PAYMENT_GATEWAY_URL) is needed"));
  return options;
}

}  // namespace edda::worker
