// Every event of a saga survives its codec; what cannot be read is corrupt, never guessed.
#include "saga/events.hpp"

#include <gtest/gtest.h>

#include <set>

#include "unit/saga_story.hpp"

namespace edda {
namespace {

using saga::Direction;
using testing_support::SagaStory;

const SagaId id = SagaStory::saga_id;

std::string again(const saga::Event& event) {
  const auto decoded = saga::decode(saga::type_name(event), saga::encode(id, event));
  return decoded ? std::string(saga::type_name(*decoded)) + saga::encode(id, *decoded) : decoded.error().message;
}
std::string once(const saga::Event& event) { return std::string(saga::type_name(event)) + saga::encode(id, event); }

TEST(UnitSagaEvents, EveryEventSurvivesItsCodec) {
  const UserId by = SagaStory::operator_id;
  const std::vector<saga::Event> all{
      saga::SagaStarted{id,
                        "OrderProcessingSaga",
                        2,
                        SagaStory::order_id,
                        SagaStory::user_id,
                        {"stock_reservation", "order_approval"}},
      saga::SagaStepRequested{"a", Direction::void_request, 2, Epoch{7}},
      saga::SagaStepCompleted{"a", 2},
      saga::SagaStepDeclined{"a", Direction::forward, 1, "no"},
      saga::SagaStepFailed{"a", Direction::compensate, 3, "no", true, false, saga::milliseconds(150)},
      saga::SagaStepFailed{"a", Direction::forward, 3, "no", false, true, std::nullopt},
      saga::SagaStepUnknown{"a", Direction::forward, 3, "?", saga::milliseconds(0)},
      saga::SagaStepVoided{"a", 1},
      saga::SagaCancelRequested{"changed my mind"},
      saga::SagaCompensationStarted{"no"},
      saga::SagaStepCompensated{"a", "undo_a", 2},
      saga::SagaParked{"a", Direction::compensate, "no", false},
      saga::SagaParked{"a", Direction::forward, "no", true},
      saga::SagaCompleted{},
      saga::SagaCompensated{},
      saga::SagaWaitStarted{"a"},
      saga::SagaSignalled{"a", true, by, "seen"},
      saga::SagaStepSkipped{"a"},
      saga::SagaActionTaken{saga::OperatorAction::state_outcome, by, "asked the bank", "a"},
      saga::SagaActionTaken{saga::OperatorAction::pause, by, "maintenance", {}},
      saga::SagaPaused{},
      saga::SagaResumed{},
      saga::SagaForceClosed{},
      saga::SagaDeadlinePassed{}};
  for (const auto& event : all) EXPECT_EQ(again(event), once(event));
  std::set<std::size_t> kinds;
  for (const auto& event : all) kinds.insert(event.index());
  EXPECT_EQ(kinds.size(), std::variant_size_v<saga::Event>) << "an event without an example here";
}

TEST(UnitSagaEvents, FieldsThatSayNothingAreNotWritten) {
  EXPECT_EQ(saga::encode(id, saga::SagaStarted{id, "X", 1, SagaStory::order_id, SagaStory::user_id, {}}).find("with"),
            std::string::npos);
  EXPECT_EQ(saga::encode(id, saga::SagaParked{"a", Direction::forward, "no", false}).find("declined"),
            std::string::npos);
}

TEST(UnitSagaEvents, WhatIsNotUnderstoodIsCorrupt) {
  EXPECT_EQ(saga::decode("SagaDreamt", "{}").error().code, Errc::corrupt);
  EXPECT_EQ(saga::decode("SagaWaitStarted", "{}").error().code, Errc::corrupt);
  EXPECT_EQ(saga::decode("SagaCompleted", "no json").error().code, Errc::corrupt);
  EXPECT_EQ(saga::decode("SagaActionTaken", R"({"action":"pray","by":"","reason":""})").error().code, Errc::corrupt);
  const std::string started =
      saga::encode(id, saga::SagaStarted{id, "X", 1, SagaStory::order_id, SagaStory::user_id, {}});
  const std::string wrong_list = started.substr(0, started.size() - 1) + R"(,"with":[1]})";
  EXPECT_EQ(saga::decode("SagaStarted", wrong_list).error().code, Errc::corrupt);
  const std::string no_list = started.substr(0, started.size() - 1) + R"(,"with":"a"})";
  EXPECT_EQ(saga::decode("SagaStarted", no_list).error().code, Errc::corrupt);
}

TEST(UnitSagaEvents, AnUnknownDirectionReadsAsForward) {
  EXPECT_EQ(saga::parse_direction("sideways"), std::nullopt);
  const auto read = saga::decode("SagaParked", R"({"stepName":"a","direction":"sideways","reason":""})");
  EXPECT_EQ(std::get<saga::SagaParked>(*read).direction, Direction::forward);
}

}  // namespace
}  // namespace edda
