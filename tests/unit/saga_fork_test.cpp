// Parallel branches, waits and the limits of time.
#include <gtest/gtest.h>

#include "saga/engine.hpp"
#include "unit/saga_stories.hpp"

namespace edda {
namespace {

using namespace testing_support;
using saga::Direction;
using saga::Outcome;
using Names = SagaStory::Names;

SagaStory forked() { return started(fork); }

TEST(UnitSagaFork, AllBranchesStartAtOnce) {
  SagaStory story(fork);
  EXPECT_EQ(story.start(), (Names{"started", "waits for approval", "asked left1", "asked right"}));
  EXPECT_EQ(story.state.open.size(), 3U);
}

TEST(UnitSagaFork, EachBranchGoesOnByItself) {
  SagaStory story = forked();
  EXPECT_EQ(story.answer("left1", Outcome::succeeded), (Names{"done left1", "asked left2"}));
  EXPECT_EQ(story.answer("left2", Outcome::succeeded), Names{"done left2"});
}

TEST(UnitSagaFork, WhatFollowsWaitsForAllBranches) {
  SagaStory story = forked();
  story.answer("left1", Outcome::succeeded);
  story.answer("left2", Outcome::succeeded);
  EXPECT_EQ(story.answer("right", Outcome::succeeded), Names{"done right"});
  EXPECT_EQ(story.signal("approval", true), (Names{"accepted approval", "done approval", "asked last"}));
  EXPECT_EQ(story.answer("last", Outcome::succeeded), (Names{"done last", "completed"}));
}

TEST(UnitSagaFork, AFailureInOneBranchWaitsForTheOthersInFlight) {
  SagaStory story = forked();
  story.answer("left1", Outcome::succeeded);
  EXPECT_EQ(story.answer("left2", Outcome::declined), (Names{"declined left2", "ended approval"}));
  EXPECT_EQ(story.state.status, SagaStatus::started);
  EXPECT_EQ(story.answer("right", Outcome::succeeded), (Names{"done right", "turned back", "asked undo of right"}));
  EXPECT_EQ(story.answer("right", Outcome::succeeded), (Names{"undone right", "asked undo of left1"}));
  EXPECT_EQ(story.answer("left1", Outcome::succeeded), (Names{"undone left1", "undone start", "compensated"}));
  EXPECT_EQ(story.state.turn_back_reason, "because");
}

TEST(UnitSagaFork, ABranchDoesNotGoOnWhenAnotherWasGivenUp) {
  SagaStory story = forked();
  story.answer("right", Outcome::declined);
  EXPECT_EQ(story.answer("left1", Outcome::succeeded), (Names{"done left1", "turned back", "asked undo of left1"}));
}

TEST(UnitSagaFork, APauseBetweenTwoTriesEndsAtOnceWhereNothingIsInDoubt) {
  SagaStory story = forked();
  story.answer("left1", Outcome::failed);
  EXPECT_EQ(story.answer("right", Outcome::declined),
            (Names{"declined right", "ended left1", "ended approval", "turned back", "undone start", "compensated"}));
}

TEST(UnitSagaFork, APauseInDoubtIsVoidedFirst) {
  SagaStory story = forked();
  story.answer("left1", Outcome::unknown);
  EXPECT_EQ(story.answer("right", Outcome::declined),
            (Names{"declined right", "ended approval", "asked void of left1"}));
  EXPECT_EQ(story.answer("left1", Outcome::declined), (Names{"done left1", "turned back", "asked undo of left1"}));
}

TEST(UnitSagaFork, TheLastBranchIsUndoneFirstAndEachInReverse) {
  SagaStory story = forked();
  story.answer("left1", Outcome::succeeded);
  story.answer("left2", Outcome::succeeded);
  story.answer("right", Outcome::succeeded);
  EXPECT_EQ(story.signal("approval", false),
            (Names{"refused approval", "declined approval", "turned back", "asked undo of right"}));
  story.answer("right", Outcome::succeeded);
  EXPECT_EQ(story.answer("left2", Outcome::succeeded), (Names{"undone left2", "asked undo of left1"}));
}

TEST(UnitSagaFork, OneParkedBranchLeavesTheOthersTheirTries) {
  SagaStory story = forked();
  story.may_give_up = false;
  EXPECT_EQ(story.answer("right", Outcome::declined), Names{"parked right"});
  story.answer("left1", Outcome::failed);
  EXPECT_EQ(story.retry_due("left1"), Names{"asked left1#2"});
  EXPECT_EQ(story.answer("left1", Outcome::succeeded), Names{"done left1"});  // left2 waits for the operator too
  EXPECT_EQ(story.state.status, SagaStatus::parked);
  EXPECT_EQ(story.answer("right", Outcome::succeeded), (Names{"done right", "asked left2"}));
}

constexpr std::array local_branch_steps{local_step("here", undo_of_start, 1, 1),
                                        outside_step("there", "undo_there", 1, 2),
                                        local_step("here_too", Compensation::none_needed(), 1, 3)};
constexpr Definition local_branches =
    saga::checked({"Local", 1, Compensation::none_needed(), milliseconds(0), local_branch_steps});

TEST(UnitSagaFork, BranchesMayBeLocal) {
  SagaStory story(local_branches);
  EXPECT_EQ(story.start(), (Names{"started", "done here", "asked there", "done here_too"}));
  EXPECT_EQ(story.answer("there", Outcome::succeeded), (Names{"done there", "completed"}));
}

TEST(UnitSagaFork, ALocalBranchThatIsRefusedWaitsForTheOthers) {
  SagaStory story(local_branches);
  story.refused = "here_too";
  EXPECT_EQ(story.start(), (Names{"started", "done here", "asked there", "declined here_too"}));
  EXPECT_EQ(story.answer("there", Outcome::declined),
            (Names{"declined there", "turned back", "undone here", "compensated"}));
}

constexpr std::array optional_steps = [] {
  Step a = outside_step("a", "", 1, 1);
  a.optional = true;
  Step b = outside_step("b", "", 1, 2);
  b.optional = true;
  return std::array{a, b, local_step("c")};
}();
constexpr Definition with_options =
    saga::checked({"Optional", 1, Compensation::none_needed(), milliseconds(0), optional_steps});

TEST(UnitSagaFork, OptionalStepsTakePartWhereTheStartNamesThem) {
  EXPECT_EQ(SagaStory(with_options).start(), (Names{"started", "done c", "completed"}));
  EXPECT_EQ(SagaStory(with_options).start({"b"}), (Names{"started", "asked b"}));
  EXPECT_EQ(SagaStory(with_options).start({"a", "b"}), (Names{"started", "asked a", "asked b"}));
}

TEST(UnitSagaWait, NobodyAnswersWithinItsTimeAndTheSagaTurnsBack) {
  SagaStory story = forked();
  story.answer("left1", Outcome::declined);
  story = forked();
  story.answer("left1", Outcome::failed);
  story.answer("right", Outcome::failed);
  story.pass(an_hour - milliseconds(1));
  EXPECT_EQ(story.time_due(), Names{});
  story.pass(milliseconds(1));
  EXPECT_EQ(story.time_due(),
            (Names{"ended approval", "ended left1", "ended right", "turned back", "undone start", "compensated"}));
}

TEST(UnitSagaWait, AWaitThatParksIsWaitedForAgainByAnOperatorsRetry) {
  SagaStory story = started(patient);
  story.pass(an_hour);
  EXPECT_EQ(story.time_due(), (Names{"failed patience", "parked patience"}));
  EXPECT_EQ(saga::next_wakeup(story.state), std::nullopt);
  EXPECT_EQ(story.operate(saga::OperatorAction::retry), (Names{"operator: retry", "waits for patience"}));
  EXPECT_EQ(saga::next_wakeup(story.state), story.now + an_hour);
  EXPECT_EQ(story.signal("patience", true), (Names{"accepted patience", "done patience", "completed"}));
}

TEST(UnitSagaWait, ARefusalMayParkAndALaterSignalStillCounts) {
  SagaStory story = started(patient);
  EXPECT_EQ(story.signal("patience", false), (Names{"refused patience", "parked patience"}));
  EXPECT_EQ(story.signal("patience", true), (Names{"accepted patience", "done patience", "completed"}));
}

TEST(UnitSagaWait, SignalsAreRefusedWhereNobodyWaits) {
  SagaStory story = forked();
  EXPECT_EQ(story.signal("left1", true), Names{"!not_waiting"});
  EXPECT_EQ(story.signal("last", true), Names{"!not_waiting"});
  EXPECT_EQ(story.signal("nothing", true), Names{"!no_such_step"});
  story.signal("approval", true);
  EXPECT_EQ(story.signal("approval", true), Names{"!not_waiting"});
  EXPECT_EQ(SagaStory(fork).signal("approval", true), Names{"!not_found"});
  SagaStory ended = started(line);
  ended.answer("first", Outcome::declined);
  EXPECT_EQ(ended.signal("first", true), Names{"!ended"});
}

TEST(UnitSagaWait, AWaitIsNotAnsweredLikeASend) {
  SagaStory story = forked();
  EXPECT_EQ(story.answer_to("approval", Direction::forward, 1, Outcome::succeeded), Names{});
}

TEST(UnitSagaDeadline, TurnsTheSagaBackAsACancelDoesAndInterruptsNoOpenStep) {
  SagaStory story = forked();
  story.signal("approval", true);
  story.answer("right", Outcome::succeeded);
  EXPECT_EQ(saga::next_wakeup(story.state), SagaStory::start_time + 10 * an_hour);
  story.pass(10 * an_hour - milliseconds(1));
  EXPECT_EQ(story.time_due(), Names{});
  story.pass(milliseconds(1));
  EXPECT_EQ(story.time_due(), Names{"deadline"});
  EXPECT_EQ(story.time_due(), Names{});
  EXPECT_EQ(story.answer("left1", Outcome::succeeded), (Names{"done left1", "turned back", "asked undo of right"}));
  EXPECT_EQ(saga::next_wakeup(story.state), std::nullopt);
}

TEST(UnitSagaDeadline, NeverInterruptsACompensation) {
  SagaStory story = forked();
  story.answer("left1", Outcome::declined);
  story.answer("right", Outcome::succeeded);
  ASSERT_TRUE(story.state.compensating);
  story.pass(11 * an_hour);
  EXPECT_EQ(story.time_due(), Names{});
}

TEST(UnitSagaWakeup, IsTheEarliestOfWaitDeadlineAndKey) {
  SagaStory story = forked();
  EXPECT_EQ(saga::next_wakeup(story.state), SagaStory::start_time + an_hour);
  story.signal("approval", true);
  EXPECT_EQ(saga::next_wakeup(story.state), SagaStory::start_time + 10 * an_hour);
  EXPECT_EQ(saga::next_wakeup(started(line).state), std::nullopt);
  EXPECT_EQ(saga::next_wakeup(started(forgetting).state), SagaStory::start_time + an_hour);
}

// R12, I10: a key is used no longer than half of the time for which the other side surely remembers it.
TEST(UnitSagaNotAfter, ARetryThatComesTooLateIsNotSent) {
  SagaStory story = started(parking);
  story.answer("only", Outcome::unknown);
  story.pass(an_hour);
  SagaStory in_time = story;
  EXPECT_EQ(in_time.retry_due("only"), Names{"asked only#2"});
  story.pass(milliseconds(1));
  EXPECT_EQ(story.retry_due("only"), (Names{"failed only", "parked only"}));
  EXPECT_TRUE(story.state.open_at("only")->in_doubt);
}

TEST(UnitSagaNotAfter, WhereNothingIsInDoubtTheStepIsGivenUp) {
  SagaStory story = started(forgetting);
  story.answer("only", Outcome::failed);
  story.pass(2 * an_hour);
  EXPECT_EQ(story.time_due(), (Names{"ended only", "turned back", "undone start", "compensated"}));
}

TEST(UnitSagaNotAfter, NoVoidNamesAKeyThatMayBeForgotten) {
  SagaStory story = started(forgetting);
  story.answer("only", Outcome::unknown);
  story.pass(2 * an_hour);
  EXPECT_EQ(story.cancel(), (Names{"cancel", "parked only"}));
  EXPECT_EQ(story.time_due(), Names{});
}

TEST(UnitSagaNotAfter, AVoidCountsFromTheKeyItVoids) {
  SagaStory story = started(forgetting);
  story.answer("only", Outcome::unknown);
  story.pass(an_hour / 2);
  story.cancel();
  EXPECT_EQ(saga::not_after(story.state, *story.state.open_at("only")), SagaStory::start_time + an_hour);
  story.pass(an_hour);
  EXPECT_EQ(story.time_due(), (Names{"unknown void of only", "parked void of only"}));
}

TEST(UnitSagaNotAfter, ASendThatWasNeverAnsweredIsInDoubt) {
  SagaStory story = started(parking);
  story.pass(an_hour + milliseconds(1));
  EXPECT_EQ(story.time_due(), (Names{"unknown only", "parked only"}));
  EXPECT_EQ(story.answer("only", Outcome::succeeded), (Names{"done only", "completed"}));
}

TEST(UnitSagaNotAfter, AnUndoHasAKeyAndAnAgeOfItsOwn) {
  SagaStory story = started(forgetting);
  story.pass(an_hour);
  story.refused = "end";
  story.answer("only", Outcome::succeeded);
  EXPECT_EQ(saga::not_after(story.state, *story.state.open_at("only")), story.now + an_hour);
  story.answer("only", Outcome::unknown);
  story.pass(an_hour);
  story.retry_due("only");
  EXPECT_EQ(saga::not_after(story.state, *story.state.open_at("only")), story.now);
}

}  // namespace
}  // namespace edda
