#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "config/load.hpp"
#include "config/report.hpp"
#include "config/setting.hpp"

namespace edda::config {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view long_secret = "0123456789abcdef0123456789abcdef";

/// A folder of its own, so that no file of the machine is read.
class UnitConfig : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "edda-config-XXXXXX").string();
    sources.folder = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(sources.folder); }

  void file(const std::string& name, std::string_view content) const {
    std::filesystem::create_directories((sources.folder / name).parent_path());
    std::ofstream(sources.folder / name) << content;
  }
  void env(const std::string& name, std::string_view value) { sources.environment[name] = value; }
  void flag(const std::string& key, const std::string& text) { sources.flags.push_back({"--set", key, text}); }

  Loaded loaded() const {
    auto result = load(sources);
    if (result) return *result;
    for (const auto& problem : result.error()) ADD_FAILURE() << to_string(problem);
    return {};
  }
  std::string problems() const {
    const auto result = load(sources);
    std::string text;
    if (!result) {
      for (const auto& problem : result.error()) text += to_string(problem) + "\n";
    }
    return text;
  }
  std::string refused() const {
    std::string text;
    for (const auto& problem : refusals(loaded())) text += to_string(problem) + "\n";
    return text;
  }

  Sources sources;
};

TEST_F(UnitConfig, DefaultsAreThoseOfTheSpecification) {
  const Config config = loaded().config;
  EXPECT_EQ(config.server.port, 3000);
  EXPECT_EQ(config.server.data, "data");
  EXPECT_EQ(config.server.mode, Mode::development);
  EXPECT_EQ(config.orders.currency, "USD");
  EXPECT_EQ(config.orders.duplicates, DuplicateRule::product);
  EXPECT_EQ(config.payment.success_rate, 0.8);
  EXPECT_EQ(config.payment.latency_min, std::chrono::milliseconds(50));
  EXPECT_EQ(config.payment.latency_max, std::chrono::milliseconds(300));
  EXPECT_EQ(config.auth.access_expires_in, std::chrono::hours(24));
  EXPECT_EQ(config.auth.refresh_expires_in, std::chrono::hours(7 * 24));
  EXPECT_TRUE(config.http.cors_open);
}

TEST_F(UnitConfig, EveryDefaultIsAllowedInEveryMode) {
  for (const Mode mode : {Mode::development, Mode::production, Mode::demo}) {
    sources.mode = mode;
    EXPECT_EQ(problems(), "");
  }
}

TEST_F(UnitConfig, FlagBeatsEnvironmentBeatsFileBeatsDefault) {
  file("edda.toml", "[server]\nport = 4001\nnode_id = \"file\"\nlog_level = \"warn\"\n");
  env("PORT", "4002");
  env("NODE_ID", "env");
  flag("server.port", "4003");

  const Loaded all = loaded();

  EXPECT_EQ(all.config.server.port, 4003);
  EXPECT_EQ(all.origin("server.port"), "flag --set");
  EXPECT_EQ(all.config.server.node_id, "env");
  EXPECT_EQ(all.origin("server.node_id"), "env NODE_ID");
  EXPECT_EQ(all.config.server.log_level, LogLevel::warn);
  EXPECT_THAT(std::string(all.origin("server.log_level")), HasSubstr("edda.toml:4"));
  EXPECT_EQ(all.origin("server.host"), "default");
}

TEST_F(UnitConfig, TheReplacedSystemsEnvironmentIsUnderstood) {
  env("PORT", "3000");
  env("NODE_ID", "node-2");
  env("NODE_ENV", "production");
  env("LOG_LEVEL", "verbose");
  env("DATABASE_HOST", "postgres");
  env("DATABASE_PORT", "5433");
  env("DATABASE_NAME", "nestjs_cqrs");
  env("DATABASE_USERNAME", "somebody");
  env("DATABASE_PASSWORD", "postgres123");
  env("REDIS_HOST", "redis");
  env("REDIS_PORT", "6380");
  env("REDIS_PASSWORD", "r");
  env("REDIS_DB", "3");
  env("KAFKA_BROKERS", "a:9092, b:9092");
  env("KAFKA_CLIENT_ID", "nestjs");
  env("JWT_SECRET", "one");
  env("JWT_EXPIRES_IN", "24h");
  env("JWT_REFRESH_SECRET", "two");
  env("JWT_REFRESH_EXPIRES_IN", "7d");
  env("ADMIN_EMAIL", "root@example.com");
  env("ADMIN_PASSWORD", "password-of-admin");

  const Config config = loaded().config;

  EXPECT_EQ(config.server.node_id, "node-2");
  EXPECT_EQ(config.server.mode, Mode::production);
  EXPECT_EQ(config.server.log_level, LogLevel::debug);
  EXPECT_EQ(config.database.host, "postgres");
  EXPECT_EQ(config.database.port, 5433);
  EXPECT_EQ(config.database.name, "nestjs_cqrs");
  EXPECT_EQ(config.database.user, "somebody");
  EXPECT_EQ(config.database.password.reveal(), "postgres123");
  EXPECT_EQ(config.redis.host, "redis");
  EXPECT_EQ(config.redis.port, 6380);
  EXPECT_EQ(config.redis.db, 3U);
  EXPECT_EQ(config.kafka.brokers, (std::vector<std::string>{"a:9092", "b:9092"}));
  EXPECT_EQ(config.kafka.client_id, "nestjs");
  EXPECT_EQ(config.auth.jwt_secret.reveal(), "one");
  EXPECT_EQ(config.auth.jwt_refresh_secret.reveal(), "two");
  EXPECT_EQ(config.auth.admin_email, "root@example.com");
  EXPECT_EQ(config.auth.admin_password.reveal(), "password-of-admin");
}

TEST_F(UnitConfig, EverySettingHasAnEnvironmentNameByRule) {
  EXPECT_EQ(find_setting("payment.success_rate")->env_name(), "EDDA_PAYMENT_SUCCESS_RATE");
  env("EDDA_PAYMENT_SUCCESS_RATE", "0.25");
  EXPECT_EQ(loaded().config.payment.success_rate, 0.25);
}

TEST_F(UnitConfig, TheNameByRuleBeatsAnAlias) {
  env("EDDA_SERVER_PORT", "1");
  env("PORT", "2");
  EXPECT_EQ(loaded().config.server.port, 1);
}

TEST_F(UnitConfig, AnEmptyVariableCountsAsUnset) {
  env("PORT", "");
  env("REDIS_HOST", "");
  EXPECT_EQ(loaded().origin("server.port"), "default");
}

TEST_F(UnitConfig, SecretsComeFromMountedFiles) {
  file("jwt", std::string(long_secret) + "\n");
  env("JWT_SECRET_FILE", (sources.folder / "jwt").string());
  const Loaded all = loaded();
  EXPECT_EQ(all.config.auth.jwt_secret.reveal(), long_secret);
  EXPECT_EQ(all.origin("auth.jwt_secret"), "env JWT_SECRET_FILE");
}

TEST_F(UnitConfig, AMissingSecretFileIsAProblem) {
  env("JWT_SECRET_FILE", "nowhere");
  EXPECT_THAT(problems(), HasSubstr("auth.jwt_secret (env JWT_SECRET_FILE): the file nowhere cannot be read"));
}

TEST_F(UnitConfig, ASecretGivenTwiceIsAProblem) {
  env("JWT_SECRET", "a");
  env("JWT_SECRET_FILE", "b");
  EXPECT_THAT(problems(), HasSubstr("JWT_SECRET and JWT_SECRET_FILE are both set"));
}

TEST_F(UnitConfig, ASecretAsFlagIsRefusedWithoutRepeatingIt) {
  flag("auth.jwt_secret", "tellnoone");
  EXPECT_THAT(problems(), HasSubstr("set JWT_SECRET or JWT_SECRET_FILE instead"));
  EXPECT_THAT(problems(), Not(HasSubstr("tellnoone")));
}

TEST_F(UnitConfig, EveryProblemNamesKeyOriginAndWhatIsAllowed) {
  env("EDDA_PAYMENT_SUCCESS_RATE", "1.5");
  env("PORT", "http");
  env("NODE_ENV", "prod");
  const std::string text = problems();
  EXPECT_THAT(text, HasSubstr("payment.success_rate (env EDDA_PAYMENT_SUCCESS_RATE): \"1.5\" is not allowed; it must be a number from 0 to 1"));
  EXPECT_THAT(text, HasSubstr("server.port (env PORT): \"http\" is not allowed; it must be a whole number from 0 to 65535"));
  EXPECT_THAT(text, HasSubstr("server.mode (env NODE_ENV): \"prod\" is not allowed; it must be one of development, production, demo"));
}

TEST_F(UnitConfig, ABadSecretIsNotRepeated) {
  env("ADMIN_PASSWORD", "short");
  EXPECT_THAT(problems(), HasSubstr("auth.admin_password (env ADMIN_PASSWORD): its value is not allowed; it must be 8 characters"));
  EXPECT_THAT(problems(), Not(HasSubstr("\"short\"")));
}

TEST_F(UnitConfig, NumbersAreExact) {
  for (const char* text : {"-1", "65536", "3000x", " 3000", "3e3", "99999999999999999999", "0x10"}) {
    env("PORT", text);
    EXPECT_THAT(problems(), HasSubstr("server.port")) << text;
  }
  for (const char* text : {"nan", "inf", "-0.1", "1.0000001", "0,5"}) {
    sources.environment.clear();
    env("EDDA_PAYMENT_SUCCESS_RATE", text);
    EXPECT_THAT(problems(), HasSubstr("payment.success_rate")) << text;
  }
}

TEST_F(UnitConfig, DurationsNeedAUnitUnlessTheKeySaysMilliseconds) {
  env("JWT_EXPIRES_IN", "3600");
  EXPECT_THAT(problems(), HasSubstr("a number with its unit (ms, s, m, h, d)"));
  env("JWT_EXPIRES_IN", "90m");
  env("EDDA_HTTP_HEAD_TIMEOUT_MS", "1500");
  env("EDDA_HTTP_BODY_TIMEOUT_MS", "2s");
  const Config config = loaded().config;
  EXPECT_EQ(config.auth.access_expires_in, std::chrono::minutes(90));
  EXPECT_EQ(config.http.head_timeout, std::chrono::milliseconds(1500));
  EXPECT_EQ(config.http.body_timeout, std::chrono::seconds(2));
}

TEST_F(UnitConfig, AnUnknownKeyInAFileIsNamedWithItsLineAndItsNeighbour) {
  file("edda.toml", "[payment]\nsucess_rate = 0.9\n");
  EXPECT_THAT(problems(), HasSubstr("edda.toml:2): there is no such setting; did you mean payment.success_rate?"));
}

TEST_F(UnitConfig, AFileThatIsNoTomlIsNamedByPlaceOnly) {
  file("edda.toml", "[auth]\njwt_secret = \"half\n");
  EXPECT_THAT(problems(), HasSubstr("edda.toml:2:"));
  EXPECT_THAT(problems(), Not(HasSubstr("half")));
}

TEST_F(UnitConfig, AnEmptyFileIsFine) {
  file("edda.toml", "");
  EXPECT_EQ(problems(), "");
}

TEST_F(UnitConfig, ListsAreListsInAFileAndCommasElsewhere) {
  file("edda.toml", "http.trusted_proxies = [\"10.0.0.0/8\", \"::1\"]\nserver.port = [1]\n");
  EXPECT_THAT(problems(), HasSubstr("a list is not allowed; it must be a whole number"));
  file("edda.toml", "http.trusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n");
  EXPECT_EQ(loaded().config.http.trusted_proxies, (std::vector<std::string>{"10.0.0.0/8", "::1"}));
}

TEST_F(UnitConfig, TheFileOfTheDataFolderBeatsTheOneBesideIt) {
  file("edda.toml", "server.port = 1\n");
  file("store/edda.toml", "server.port = 2\n");
  EXPECT_EQ(loaded().config.server.port, 1);
  flag("server.data", "store");
  EXPECT_EQ(loaded().config.server.port, 2);
}

TEST_F(UnitConfig, ANamedFileMustExist) {
  sources.file = "absent.toml";
  EXPECT_THAT(problems(), HasSubstr("absent.toml: cannot be read"));
}

TEST_F(UnitConfig, AMisspeltVariableIsToldAndAServiceLinkIsNot) {
  env("EDDA_PAYMENT_SUCESS_RATE", "1");
  env("EDDA_PORT_3000_TCP", "tcp://10.0.0.1:3000");
  const auto warnings = loaded().warnings;
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_THAT(warnings.front(), HasSubstr("did you mean EDDA_PAYMENT_SUCCESS_RATE?"));
}

TEST_F(UnitConfig, TheQuickestAnswerIsNotSlowerThanTheSlowest) {
  env("EDDA_PAYMENT_LATENCY_MS_MIN", "400");
  EXPECT_THAT(problems(), HasSubstr("400 is more than payment.latency_ms_max, which is 300"));
}

TEST_F(UnitConfig, AccessAndRefreshSecretDiffer) {
  env("JWT_SECRET", long_secret);
  env("JWT_REFRESH_SECRET", long_secret);
  EXPECT_THAT(problems(), HasSubstr("is the same as auth.jwt_secret"));
}

TEST_F(UnitConfig, DevelopmentServesAndWarnsOfAPublishedSecret) {
  env("JWT_SECRET", "your-jwt-secret-key");
  EXPECT_EQ(refused(), "");
  EXPECT_THAT(cautions(loaded()), Contains(HasSubstr("auth.jwt_secret (env JWT_SECRET): is a secret that is published")));
}

TEST_F(UnitConfig, ProductionRefusesPublishedAndShortSecrets) {
  env("NODE_ENV", "production");
  env("EDDA_PAYMENT_SIMULATOR_IN_PRODUCTION", "true");
  EXPECT_EQ(refused(), "");
  env("JWT_SECRET", "your-super-secret-jwt-key-change-this-in-production");
  env("JWT_REFRESH_SECRET", "0123456789abcdef0123456789abcde");
  EXPECT_THAT(refused(), HasSubstr("auth.jwt_secret (env JWT_SECRET): is a secret that is published"));
  EXPECT_THAT(refused(), HasSubstr("auth.jwt_refresh_secret (env JWT_REFRESH_SECRET): is shorter than 32"));
  env("JWT_SECRET", long_secret);
  env("JWT_REFRESH_SECRET", std::string(long_secret) + "2");
  EXPECT_EQ(refused(), "");
}

TEST_F(UnitConfig, ProductionRefusesTheSimulatorAndOpenTestRoutes) {
  env("NODE_ENV", "production");
  EXPECT_THAT(refused(), HasSubstr("payment.simulator_in_production (default)"));
  env("EDDA_HTTP_OPEN_TEST_ROUTES", "true");
  EXPECT_THAT(refused(), HasSubstr("http.open_test_routes (env EDDA_HTTP_OPEN_TEST_ROUTES)"));
}

TEST_F(UnitConfig, ProductionTakesAGatewayWithASecret) {
  env("NODE_ENV", "production");
  env("EDDA_GATEWAY_URL", "https://pay.example");
  EXPECT_THAT(refused(), HasSubstr("gateway.secret (default): is not set"));
  env("EDDA_GATEWAY_SECRET", "a-secret-of-the-gateway");
  EXPECT_EQ(refused(), "");
  env("EDDA_GATEWAY_WEBHOOK_SECRET", "too-short");
  EXPECT_THAT(refused(), HasSubstr("gateway.webhook_secret (env EDDA_GATEWAY_WEBHOOK_SECRET): is shorter than 16"));
}

TEST_F(UnitConfig, AGatewayBeyondThisMachineWithoutTlsIsACaution) {
  env("EDDA_GATEWAY_URL", "http://pay.example:4000");
  EXPECT_THAT(cautions(loaded()), Contains(HasSubstr("gateway.url (env EDDA_GATEWAY_URL): is no https")));
  env("EDDA_GATEWAY_URL", "http://127.0.0.1:4000");
  EXPECT_THAT(cautions(loaded()), Not(Contains(HasSubstr("gateway.url"))));
}

TEST_F(UnitConfig, ProductionClosesCorsByDefault) {
  env("NODE_ENV", "production");
  EXPECT_FALSE(loaded().config.http.cors_open);
  EXPECT_EQ(loaded().origin("http.cors_open"), "default of the mode");
}

TEST_F(UnitConfig, PostgresRedisAndKafkaNeedNothingElse) {
  env("DATABASE_HOST", "postgres");
  env("REDIS_HOST", "redis");
  env("KAFKA_BROKER", "kafka:9092");
  EXPECT_EQ(refused(), "");
  EXPECT_THAT(cautions(loaded()), Contains(HasSubstr("gateway.url")));
}

TEST_F(UnitConfig, WhatIsHalfGivenIsRefused) {
  env("DATABASE_PASSWORD", "secret");
  env("REDIS_USER", "edda");
  env("KAFKA_USER", "edda");
  env("EDDA_STEPS_PAYMENT_PROCESSING", "kafka");
  EXPECT_THAT(refused(), HasSubstr("database.password (env DATABASE_PASSWORD): is set, but database.host is not"));
  EXPECT_THAT(refused(), HasSubstr("redis.user (env REDIS_USER): is set, but redis.password is not"));
  EXPECT_THAT(refused(), HasSubstr("kafka.user (env KAFKA_USER): is set, but kafka.password is not"));
  EXPECT_THAT(refused(), HasSubstr("steps.payment_processing (env EDDA_STEPS_PAYMENT_PROCESSING): wants kafka.brokers"));
}

TEST_F(UnitConfig, ANodeWithoutANameIsCalledAfterTheMachineAndThePort) {
  env("PORT", "3001");
  EXPECT_THAT(loaded().config.server.node_id, testing::EndsWith("-3001"));
  env("NODE_ID", "node-2");
  EXPECT_EQ(loaded().config.server.node_id, "node-2");
}

TEST_F(UnitConfig, ShownValuesReadBackAndSecretsAreHidden) {
  env("JWT_SECRET", long_secret);
  env("DATABASE_PASSWORD", "postgres123");
  const Loaded all = loaded();
  for (const auto& setting : settings()) {
    if (setting.is_secret()) continue;
    Config copy;
    const std::string text = show(setting, all.config);
    EXPECT_TRUE(assign(setting, text, copy).has_value()) << setting.key << " = " << text;
    EXPECT_EQ(show(setting, copy), text);
  }
  for (const auto& report : {table_of(all), json_of(all, true)}) {
    EXPECT_THAT(report, Not(HasSubstr(long_secret)));
    EXPECT_THAT(report, Not(HasSubstr("postgres123")));
    EXPECT_THAT(report, HasSubstr("env JWT_SECRET"));
  }
}

TEST_F(UnitConfig, TheJsonIsThatOfTheApi) {
  env("PORT", "8080");
  env("EDDA_HTTP_TRUSTED_PROXIES", "10.0.0.1,::1");
  const std::string json = json_of(loaded(), false);
  EXPECT_THAT(json, HasSubstr(R"({"key":"server.port","value":8080,"origin":"env","secret":false})"));
  EXPECT_THAT(json, HasSubstr(R"({"key":"payment.success_rate","value":8E-1,"origin":"default","secret":false})"));
  EXPECT_THAT(json, HasSubstr(R"({"key":"http.trusted_proxies","value":["10.0.0.1","::1"],"origin":"env","secret":false})"));
  EXPECT_THAT(json, HasSubstr(R"({"key":"database.host","value":null,"origin":"default","secret":false})"));
  EXPECT_THAT(json, HasSubstr(R"({"key":"auth.jwt_secret","value":false,"origin":"default","secret":true})"));
}

TEST_F(UnitConfig, KeysAndEnvironmentNamesAreUnique) {
  std::map<std::string, std::string> owners;
  for (const auto& setting : settings()) {
    for (const auto& name : setting.env_names()) {
      const auto [at, fresh] = owners.emplace(name, setting.key);
      EXPECT_TRUE(fresh) << name << " belongs to " << at->second << " and " << setting.key;
    }
  }
}

TEST(UnitConfigPage, IsTheOneInTheRepository) {
  std::ifstream stream(std::string(EDDA_SOURCE_DIR) + "/docs/configuration.md");
  std::ostringstream page;
  page << stream.rdbuf();
  EXPECT_EQ(page.str(), configuration_page()) << "make it anew: ./run config docs > docs/configuration.md";
}

}  // namespace
}  // namespace edda::config
