#include <gtest/gtest.h>

#include <map>

#include "worker/options.hpp"

namespace edda::worker {
namespace {

using Variables = std::map<std::string, std::string>;

std::expected<Options, cli::Stop> parse(std::vector<std::string> arguments, Variables variables = {}) {
  return parse_options(std::move(arguments), [&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
  });
}

const std::vector<std::string> enough{"--brokers", "a:1,b:2", "--gateway-url", "http://pay"};

TEST(UnitWorkerOptions, NeedBrokersAndAGateway) {
  EXPECT_EQ(parse({}).error().exit_code, 2);
  EXPECT_NE(parse({}).error().text.find("--brokers"), std::string::npos);
  EXPECT_NE(parse({"--brokers", "a:1"}).error().text.find("--gateway-url"), std::string::npos);
  const auto options = parse(enough);
  ASSERT_TRUE(options) << options.error().text;
  EXPECT_EQ(options->kafka.connection.brokers, (std::vector<std::string>{"a:1", "b:2"}));
  EXPECT_EQ(options->gateway_url, "http://pay");
  EXPECT_FALSE(options->kafka.connection.tls);
  EXPECT_TRUE(options->kafka.connection.sasl_mechanism.empty());
}

TEST(UnitWorkerOptions, TakeWhatAServerTakesFromTheEnvironment) {
  const auto options = parse({}, {{"KAFKA_BROKER", "a:1, b:2"},
                                  {"KAFKA_SECURITY_PROTOCOL", "SASL_SSL"},
                                  {"KAFKA_CA_FILE", "ca.pem"},
                                  {"KAFKA_USER", "edda"},
                                  {"KAFKA_PASSWORD", "pass"},
                                  {"PAYMENT_GATEWAY_URL", "http://old"},
                                  {"EDDA_GATEWAY_URL", "http://pay"},
                                  {"PAYMENT_GATEWAY_SECRET", "token"}});
  ASSERT_TRUE(options) << options.error().text;
  const auto& connection = options->kafka.connection;
  EXPECT_EQ(connection.brokers, (std::vector<std::string>{"a:1", "b:2"}));
  EXPECT_TRUE(connection.tls);
  EXPECT_EQ(connection.ca_file, "ca.pem");
  EXPECT_EQ(connection.sasl_mechanism, "SCRAM-SHA-512");
  EXPECT_EQ(connection.user, "edda");
  EXPECT_EQ(connection.password, "pass");
  EXPECT_EQ(options->gateway_url, "http://pay");
  EXPECT_EQ(options->gateway_secret, "token");
}

TEST(UnitWorkerOptions, TakeTracesByOpenTelemetrysNames) {
  const std::vector<std::string> whole{"--brokers", "a:1", "--gateway-url", "http://127.0.0.1:4000"};
  const auto with = [&](std::map<std::string, std::string> names) {
    return parse_options(whole, [names = std::move(names)](const char* name) { return names.contains(name) ? names.at(name) : std::string(); });
  };
  EXPECT_EQ(with({})->traces.url, "");
  EXPECT_EQ(with({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"}})->traces.url, "http://127.0.0.1:4318/v1/traces");
  EXPECT_EQ(with({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://a"}, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://b/x"}})->traces.url, "http://b/x");
  EXPECT_EQ(with({{"OTEL_TRACES_SAMPLER", "traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", "0.5"}})->traces.sampler.ratio, 0.5);
  EXPECT_FALSE(with({{"OTEL_TRACES_SAMPLER", "sometimes"}}));
  EXPECT_FALSE(with({{"OTEL_TRACES_SAMPLER_ARG", "2"}}));
}

TEST(UnitWorkerOptions, RefuseWhatDoesNotFitTogether) {
  const auto with = [](std::initializer_list<std::string> more, Variables variables = {}) {
    std::vector<std::string> arguments = enough;
    arguments.insert(arguments.end(), more);
    return parse(arguments, std::move(variables));
  };
  EXPECT_FALSE(with({"--protocol", "carrier-pigeon"}));
  EXPECT_FALSE(with({"--protocol", "sasl_ssl"})) << "nobody to sign in";
  EXPECT_FALSE(with({"--sasl-mechanism", "PLAIN"})) << "without a protocol that signs in";
  EXPECT_FALSE(with({"--at-once", "0"}));
  EXPECT_TRUE(with({"--protocol", "sasl_plaintext", "--sasl-mechanism", "PLAIN"}, {{"KAFKA_USER", "edda"}}));
}

}  // namespace
}  // namespace edda::worker
