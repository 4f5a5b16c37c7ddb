#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/parse.hpp"

namespace edda::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

template <class Arguments>
Arguments parsed(const std::vector<std::string>& words) {
  const auto invocation = parse(words, "1.2.3");
  if (!invocation) {
    ADD_FAILURE() << invocation.error().text;
    return {};
  }
  const auto* arguments = std::get_if<Arguments>(&invocation->command);
  if (arguments == nullptr) ADD_FAILURE() << "another command was understood";
  return arguments == nullptr ? Arguments{} : *arguments;
}

Stop stopped(const std::vector<std::string>& words) {
  const auto invocation = parse(words, "1.2.3");
  EXPECT_FALSE(invocation.has_value());
  return invocation ? Stop{-1, ""} : invocation.error();
}

TEST(UnitCliParse, TheLogLevelIsShownOrChangedForAReason) {
  EXPECT_EQ(parsed<LogLevelArguments>({"log-level"}).level, "");
  EXPECT_EQ(parsed<LogLevelArguments>({"log-level", "--to", "debug", "--reason", "x"}).level, "debug");
  EXPECT_THAT(stopped({"log-level", "--to", "debug"}).text, HasSubstr("--reason"));
  EXPECT_THAT(stopped({"log-level", "--to", "chatty", "--reason", "x"}).text, HasSubstr("--to"));
}

TEST(UnitCliParse, TheFeatureLevelIsShownOrRaisedForAReason) {
  EXPECT_FALSE(parsed<FeatureLevelArguments>({"feature-level"}).raise_to);
  const auto raise = parsed<FeatureLevelArguments>({"feature-level", "--raise-to", "2", "--reason", "upgraded"});
  EXPECT_EQ(raise.raise_to, 2);
  EXPECT_EQ(raise.reason, "upgraded");
  EXPECT_FALSE(raise.dry_run);
  EXPECT_TRUE(parsed<FeatureLevelArguments>({"feature-level", "--raise-to", "2", "--reason", "x", "--dry-run"}).dry_run);
  EXPECT_THAT(stopped({"feature-level", "--raise-to", "2"}).text, HasSubstr("--reason"));
  EXPECT_THAT(stopped({"feature-level", "--reason", "x"}).text, HasSubstr("--raise-to"));
  EXPECT_THAT(stopped({"feature-level", "--dry-run"}).text, HasSubstr("--raise-to"));
  EXPECT_THAT(stopped({"feature-level", "--raise-to", "0", "--reason", "x"}).text, HasSubstr("--raise-to"));
}

TEST(UnitCliParse, ServeTakesSettingsAsFlags) {
  const auto invocation = parse({"serve", "--data", "store", "--port", "0", "--set", "payment.success_rate=1", "--set", "a=b=c"}, "1");
  ASSERT_TRUE(invocation.has_value());
  const auto& flags = invocation->common.sources.flags;
  ASSERT_EQ(flags.size(), 4U);
  std::vector<std::string> texts;
  for (const auto& flag : flags) texts.push_back(flag.flag + " " + flag.key + " " + flag.text);
  EXPECT_THAT(texts, testing::UnorderedElementsAre("--data server.data store", "--port server.port 0",
                                                   "--set payment.success_rate 1", "--set a b=c"));
}

TEST(UnitCliParse, OrderCreateTakesSeveralItems) {
  const auto order = parsed<OrderArguments>({"order", "create", "--item", "A:2:1.50", "--item", "B", "--key", "k", "--wait"});
  EXPECT_EQ(order.action, "create");
  EXPECT_THAT(order.items, ElementsAre("A:2:1.50", "B"));
  EXPECT_EQ(order.key, "k");
  EXPECT_TRUE(order.wait);
}

TEST(UnitCliParse, EachOrderCommandNamesItsAction) {
  for (const std::string action : {"get", "cancel", "watch"}) {
    const auto order = parsed<OrderArguments>({"order", action, "some-id"});
    EXPECT_EQ(order.action, action);
    EXPECT_EQ(order.id, "some-id");
  }
  EXPECT_EQ(parsed<OrderArguments>({"order", "list", "--status", "paid", "--limit", "5"}).limit, 5U);
}

TEST(UnitCliParse, ActionsOnSagasNeedAReason) {
  for (const std::string action : {"retry", "compensate", "cancel", "pause", "resume", "force-close"}) {
    const auto act = parsed<SagaActionArguments>({"saga", action, "some-id", "--reason", "why"});
    EXPECT_EQ(act.action, action);
    EXPECT_EQ(act.id, "some-id");
    EXPECT_EQ(act.reason, "why");
    EXPECT_FALSE(parse({"saga", action, "some-id"}, "1"));
  }
  const auto stated = parsed<SagaActionArguments>(
      {"saga", "state-outcome", "x", "--step", "payment_refund", "--outcome", "succeeded", "--reference", "r", "--reason", "why"});
  EXPECT_EQ(stated.outcome, "succeeded");
  EXPECT_TRUE(parsed<SagaActionArguments>({"saga", "signal", "x", "order_approval", "--accept", "--reason", "why"}).accept);
  EXPECT_FALSE(parsed<SagaActionArguments>({"saga", "signal", "x", "order_approval", "--refuse", "--reason", "why"}).accept);
  EXPECT_FALSE(parse({"saga", "signal", "x", "order_approval", "--reason", "why"}, "1"));
  EXPECT_FALSE(parse({"saga", "signal", "x", "order_approval", "--accept", "--refuse", "--reason", "why"}, "1"));
  parsed<ParkedArguments>({"saga", "parked"});
  parsed<SagaCheckArguments>({"saga", "check"});
}

TEST(UnitCliParse, ABatchTakesAFilterOrSagas) {
  const auto filtered = parsed<BatchArguments>({"batch", "start", "retry", "--state", "parked", "--at-step", "payment_refund",
                                                "--expected-count", "7", "--rate", "5", "--reason", "why"});
  EXPECT_EQ(filtered.action, "start");
  EXPECT_EQ(filtered.act, "retry");
  EXPECT_EQ(filtered.at_step, "payment_refund");
  EXPECT_EQ(filtered.expected_count, 7);
  EXPECT_EQ(filtered.rate, 5);
  const auto named = parsed<BatchArguments>({"batch", "start", "pause", "--saga", "a", "--saga", "b", "--reason", "why", "--dry-run"});
  EXPECT_THAT(named.sagas, ElementsAre("a", "b"));
  EXPECT_TRUE(named.dry_run);
  EXPECT_FALSE(named.expected_count);
  EXPECT_EQ(parsed<BatchArguments>({"batch", "show", "x"}).id, "x");
  EXPECT_EQ(parsed<BatchArguments>({"batch", "cancel", "x", "--reason", "why"}).action, "cancel");
}

TEST(UnitCliParse, TheOtherCommandsAreThere) {
  EXPECT_EQ(parsed<SagaArguments>({"saga", "list", "--older-than", "5m"}).older_than, "5m");
  EXPECT_EQ(parsed<SagaArguments>({"saga", "get", "x"}).id, "x");
  EXPECT_TRUE(parsed<EventArguments>({"events", "tail", "-f"}).follow);
  EXPECT_EQ(parsed<UserArguments>({"user", "role", "a@b.c", "merchant"}).role, "merchant");
  EXPECT_EQ(parsed<UserArguments>({"user", "import", "users.json"}).file, "users.json");
  EXPECT_EQ(parsed<StoreArguments>({"rebuild"}).action, "rebuild");
  EXPECT_EQ(parsed<StoreArguments>({"verify", "--url", "http://x:1"}).action, "verify");
  EXPECT_EQ(parsed<ConfigArguments>({"config", "show"}).action, "show");
  EXPECT_EQ(parsed<DemoArguments>({"demo", "--rate", "2.5"}).orders_per_second, 2.5);
  parsed<DoctorArguments>({"doctor"});
  parsed<MigrateArguments>({"migrate"});
  parsed<HealthArguments>({"health"});
  parsed<OpenapiArguments>({"openapi"});
  parsed<VersionArguments>({"version"});
}

TEST(UnitCliParse, BenchKeepsItsOwnArguments) {
  EXPECT_THAT(parsed<BenchArguments>({"bench", "--suite", "one-machine", "--json", "-", "--help"}).arguments,
              ElementsAre("--suite", "one-machine", "--json", "-", "--help"));
}

TEST(UnitCliParse, EveryCommandUnderstandsJsonAndColour) {
  const auto invocation = parse({"order", "list", "--json", "--no-color", "--url", "http://x:1"}, "1");
  ASSERT_TRUE(invocation.has_value());
  EXPECT_TRUE(invocation->common.json);
  EXPECT_TRUE(invocation->common.no_color);
  EXPECT_EQ(invocation->common.url, "http://x:1");
}

TEST(UnitCliParse, HelpAndVersionAreNoMistakes) {
  EXPECT_EQ(stopped({"--version"}).text, "edda 1.2.3\n");
  EXPECT_EQ(stopped({"--version"}).exit_code, exit_ok);
  EXPECT_EQ(stopped({"--help"}).exit_code, exit_ok);
  EXPECT_THAT(stopped({"--help"}).text, HasSubstr("Examples:"));
  EXPECT_EQ(stopped({"order", "create", "--help"}).exit_code, exit_ok);
  EXPECT_THAT(stopped({"order", "create", "--help"}).text, HasSubstr("edda order create [OPTIONS]"));
}

TEST(UnitCliParse, AMisspeltCommandIsAnsweredWithTheNearest) {
  EXPECT_EQ(stopped({"ordr", "list"}).exit_code, exit_usage);
  EXPECT_THAT(stopped({"ordr", "list"}).text, StartsWith("edda: there is no command 'ordr'. Did you mean 'order'?"));
  EXPECT_THAT(stopped({"order", "creat"}).text, StartsWith("edda order: there is no command 'creat'. Did you mean 'create'?"));
  EXPECT_THAT(stopped({"serve", "--prot", "1"}).text, StartsWith("edda serve: there is no flag '--prot'. Did you mean '--port'?"));
  EXPECT_THAT(stopped({"xylophone"}).text, StartsWith("edda: there is no command 'xylophone'.\n"));
}

TEST(UnitCliParse, WhatIsMissingOrWrongIsNamed) {
  EXPECT_EQ(stopped({}).exit_code, exit_usage);
  EXPECT_THAT(stopped({}).text, StartsWith("edda: which command?"));
  EXPECT_THAT(stopped({"order"}).text, StartsWith("edda order: which command?"));
  EXPECT_THAT(stopped({"order", "get"}).text, HasSubstr("ID is required"));
  EXPECT_THAT(stopped({"order", "create"}).text, HasSubstr("--item is required"));
  EXPECT_THAT(stopped({"order", "list", "--limit", "1000"}).text, HasSubstr("--limit"));
  EXPECT_THAT(stopped({"serve", "--set", "novalue"}).text, HasSubstr("wants KEY=VALUE"));
}

}  // namespace
}  // namespace edda::cli
