// What people may do about a saga, and when they are refused.
#include <gtest/gtest.h>

#include "saga/engine.hpp"
#include "unit/saga_stories.hpp"

namespace edda {
namespace {

using namespace testing_support;
using saga::Direction;
using saga::OperatorAction;
using saga::Outcome;
using Names = SagaStory::Names;

SagaStory after_tries(SagaStory story, std::string_view step, Outcome outcome) {
  answer_all(story, step, outcome);
  return story;
}
/// The second step is parked, its fate unknown.
SagaStory parked_in_doubt() { return after_tries(at_second(), "second", Outcome::unknown); }
SagaStory parked_surely_not_done() { return after_tries(started(parking), "only", Outcome::failed); }
SagaStory ended() {
  SagaStory story = started(line);
  story.answer("first", Outcome::declined);
  return story;
}

TEST(UnitSagaOperator, EveryActionIsRefusedForASagaThatHasEndedOrNeverBegan) {
  for (int action = 0; action < 8; ++action) {
    EXPECT_EQ(ended().operate(static_cast<OperatorAction>(action), "first"), Names{"!ended"});
    EXPECT_EQ(SagaStory(line).operate(static_cast<OperatorAction>(action), "first"), Names{"!not_found"});
  }
}

TEST(UnitSagaOperator, ActionsHaveNames) {
  for (int i = 0; i < 8; ++i) {
    const auto action = static_cast<OperatorAction>(i);
    EXPECT_EQ(saga::parse_operator_action(saga::to_string(action)), action);
  }
  EXPECT_EQ(saga::parse_operator_action("pray"), std::nullopt);
}

TEST(UnitSagaOperator, RetryAsksAParkedStepAgainUnderItsKeyWithANewBudget) {
  SagaStory story = parked_in_doubt();
  EXPECT_EQ(story.operate(OperatorAction::retry), (Names{"operator: retry", "asked second#4"}));
  EXPECT_EQ(story.state.status, SagaStatus::started);
  story.answer("second", Outcome::failed);
  story.retry_due("second");
  story.answer("second", Outcome::failed);
  story.retry_due("second");
  EXPECT_EQ(story.answer("second", Outcome::failed), (Names{"failed second", "parked second"}));
}

TEST(UnitSagaOperator, RetryAsksAVoidAnUndoAndALocalUndoAgain) {
  SagaStory voided = after_tries(after_tries(started(line), "first", Outcome::unknown), "first", Outcome::unknown);
  EXPECT_EQ(voided.operate(OperatorAction::retry, "first"), (Names{"operator: retry", "asked void of first#4"}));
  SagaStory undo = at_second();
  undo.answer("second", Outcome::declined);
  undo.answer("first", Outcome::declined);
  EXPECT_EQ(undo.operate(OperatorAction::retry), (Names{"operator: retry", "asked undo of first#2"}));
  undo.refused = "start";
  undo.answer("first", Outcome::succeeded);
  undo.refused = {};
  EXPECT_EQ(undo.operate(OperatorAction::retry), (Names{"operator: retry", "undone start", "compensated"}));
}

TEST(UnitSagaOperator, RetryShortensAPause) {
  SagaStory story = started(line);
  story.answer("first", Outcome::failed);
  EXPECT_EQ(story.operate(OperatorAction::retry), (Names{"operator: retry", "asked first#2"}));
}

TEST(UnitSagaOperator, RetryOfASagaThatTurnsBackResolvesTheDoubt) {
  SagaStory story = parked_in_doubt();
  story.cancel();
  EXPECT_EQ(story.operate(OperatorAction::retry), (Names{"operator: retry", "asked second#4"}));
  EXPECT_EQ(story.answer("second", Outcome::succeeded),
            (Names{"done second", "turned back", "undone second", "asked undo of first"}));
}

TEST(UnitSagaOperator, RetryIsRefusedWhereNothingWaitsForIt) {
  EXPECT_EQ(started(line).operate(OperatorAction::retry), Names{"!nothing_to_retry"});
  EXPECT_EQ(parked_in_doubt().operate(OperatorAction::retry, "first"), Names{"!nothing_to_retry"});
  EXPECT_EQ(started(fork).operate(OperatorAction::retry, "approval"), Names{"!nothing_to_retry"});
  SagaStory paused = parked_in_doubt();
  paused.operate(OperatorAction::pause);
  EXPECT_EQ(paused.operate(OperatorAction::retry), Names{"!is_paused"});
}

TEST(UnitSagaOperator, RetryIsRefusedWhereTheKeyMayBeForgotten) {
  SagaStory story = parked_surely_not_done();
  story.pass(an_hour);
  SagaStory in_time = story;
  EXPECT_EQ(in_time.operate(OperatorAction::retry), (Names{"operator: retry", "asked only#4"}));
  story.pass(milliseconds(1));
  EXPECT_EQ(story.operate(OperatorAction::retry), Names{"!key_forgotten"});
}

TEST(UnitSagaOperator, SkipLeavesAStepOut) {
  SagaStory waiting = started(fork);
  EXPECT_EQ(waiting.operate(OperatorAction::skip, "approval"), (Names{"operator: skip", "skipped approval"}));
  SagaStory parked = parked_surely_not_done();
  EXPECT_EQ(parked.operate(OperatorAction::skip, "only"), (Names{"operator: skip", "skipped only", "completed"}));
  SagaStory ahead = started(line);
  EXPECT_EQ(ahead.operate(OperatorAction::skip, "second"), (Names{"operator: skip", "skipped second"}));
  EXPECT_EQ(ahead.answer("first", Outcome::succeeded), (Names{"done first", "done third", "completed"}));
}

TEST(UnitSagaOperator, SkipIsRefusedAroundAnOpenStepAndWhereTheDefinitionForbidsIt) {
  EXPECT_EQ(parked_in_doubt().operate(OperatorAction::skip, "second"), Names{"!step_open"});
  EXPECT_EQ(at_second().operate(OperatorAction::skip, "second"), Names{"!step_open"});
  EXPECT_EQ(started(line).operate(OperatorAction::skip, "first"), Names{"!not_skippable"});
  EXPECT_EQ(started(line).operate(OperatorAction::skip, "nothing"), Names{"!no_such_step"});
  SagaStory done = started(fork);
  done.signal("approval", true);
  EXPECT_EQ(done.operate(OperatorAction::skip, "approval"), Names{"!step_done"});
  SagaStory turning_back = at_second();
  turning_back.cancel();
  EXPECT_EQ(turning_back.operate(OperatorAction::skip, "second"), Names{"!already_turning_back"});
}

TEST(UnitSagaOperator, CompensateAndCancelTurnTheSagaBack) {
  for (const auto action : {OperatorAction::compensate, OperatorAction::cancel}) {
    SagaStory story = at_second();
    EXPECT_EQ(story.operate(action), (Names{"operator: " + std::string(saga::to_string(action)), "cancel"}));
    EXPECT_EQ(story.operate(action), Names{"!already_turning_back"});
    SagaStory owed = at_second();
    owed.may_give_up = false;
    EXPECT_EQ(owed.operate(action), Names{"!effect_is_owed"});
  }
}

TEST(UnitSagaOperator, APausedSagaWritesAnswersDownAndAsksNothing) {
  SagaStory story = started(line);
  EXPECT_EQ(story.operate(OperatorAction::pause), (Names{"operator: pause", "paused"}));
  EXPECT_EQ(story.operate(OperatorAction::pause), Names{"!already_paused"});
  EXPECT_EQ(story.state.status, SagaStatus::paused);
  EXPECT_EQ(story.answer("first", Outcome::succeeded), Names{"done first"});
  EXPECT_EQ(story.operate(OperatorAction::resume), (Names{"operator: resume", "resumed", "asked second"}));
  EXPECT_EQ(story.operate(OperatorAction::resume), Names{"!not_paused"});
}

TEST(UnitSagaOperator, WhileItIsPausedNoTimeRunsOut) {
  SagaStory story = started(fork);
  story.answer("left1", Outcome::failed);
  story.operate(OperatorAction::pause);
  story.pass(11 * an_hour);
  EXPECT_EQ(story.time_due(), Names{});
  EXPECT_EQ(story.retry_due("left1"), Names{});
  EXPECT_EQ(saga::next_wakeup(story.state), std::nullopt);
  story.operate(OperatorAction::resume);
  EXPECT_EQ(story.time_due(), (Names{"ended approval", "ended left1"}));
}

TEST(UnitSagaOperator, WhatWouldHaveFollowedAPauseFollowsTheResume) {
  SagaStory tries_used_up = started(line);
  for (int i = 1; i < 3; ++i) {
    tries_used_up.answer("first", Outcome::unknown);
    tries_used_up.retry_due("first");
  }
  tries_used_up.operate(OperatorAction::pause);
  EXPECT_EQ(tries_used_up.answer("first", Outcome::unknown), Names{"unknown first"});
  EXPECT_EQ(tries_used_up.operate(OperatorAction::resume),
            (Names{"operator: resume", "resumed", "asked void of first"}));
  SagaStory cancelled = at_second();
  cancelled.operate(OperatorAction::pause);
  cancelled.answer("second", Outcome::failed);
  EXPECT_EQ(cancelled.cancel(), Names{"cancel"});
  EXPECT_EQ(cancelled.operate(OperatorAction::resume),
            (Names{"operator: resume", "resumed", "ended second", "turned back", "asked undo of first"}));
}

TEST(UnitSagaOperator, APausedCompensationGoesOnWhereItStood) {
  SagaStory story = at_second();
  story.answer("second", Outcome::declined);
  story.operate(OperatorAction::pause);
  EXPECT_EQ(story.answer("first", Outcome::succeeded), Names{"undone first"});
  EXPECT_EQ(story.operate(OperatorAction::resume),
            (Names{"operator: resume", "resumed", "undone start", "compensated"}));
}

TEST(UnitSagaOperator, ForceCloseEndsASagaThatHasNothingOpen) {
  SagaStory story = parked_surely_not_done();
  EXPECT_EQ(story.operate(OperatorAction::force_close), (Names{"operator: force_close", "force-closed"}));
  EXPECT_EQ(story.state.status, SagaStatus::force_closed);
  EXPECT_TRUE(story.state.open.empty());
  EXPECT_EQ(saga::row_of(story.state).current_step, "force_closed");
  SagaStory waiting = started(patient);
  EXPECT_EQ(waiting.operate(OperatorAction::force_close).back(), "force-closed");
}

TEST(UnitSagaOperator, ForceCloseIsRefusedAroundAnOpenStep) {
  EXPECT_EQ(started(line).operate(OperatorAction::force_close), Names{"!step_open"});
  EXPECT_EQ(parked_in_doubt().operate(OperatorAction::force_close), Names{"!step_open"});
}

TEST(UnitSagaOperator, AStatedOutcomeEndsTheDoubt) {
  SagaStory it_happened = parked_in_doubt();
  EXPECT_EQ(it_happened.operate(OperatorAction::state_outcome, "second", Outcome::succeeded),
            (Names{"operator: state_outcome", "done second", "done third", "completed"}));
  SagaStory it_was_declined = parked_in_doubt();
  EXPECT_EQ(it_was_declined.operate(OperatorAction::state_outcome, "second", Outcome::declined),
            (Names{"operator: state_outcome", "declined second", "turned back", "asked undo of first"}));
  SagaStory it_never_happened = parked_in_doubt();
  EXPECT_EQ(it_never_happened.operate(OperatorAction::state_outcome, "second", Outcome::failed),
            (Names{"operator: state_outcome", "ended second", "turned back", "asked undo of first"}));
}

TEST(UnitSagaOperator, AStatedFailureOfAStepThatParksLeavesItParkedWithoutDoubt) {
  SagaStory story = after_tries(started(parking), "only", Outcome::unknown);
  EXPECT_EQ(story.operate(OperatorAction::force_close), Names{"!step_open"});
  EXPECT_EQ(story.operate(OperatorAction::state_outcome, "only", Outcome::failed),
            (Names{"operator: state_outcome", "failed only"}));
  EXPECT_EQ(story.state.status, SagaStatus::parked);
  EXPECT_EQ(story.operate(OperatorAction::force_close).back(), "force-closed");
}

TEST(UnitSagaOperator, AStatedOutcomeOfAVoidSpeaksOfTheAction) {
  const SagaStory parked =
      after_tries(after_tries(started(line), "first", Outcome::unknown), "first", Outcome::unknown);
  SagaStory it_happened = parked;
  EXPECT_EQ(it_happened.operate(OperatorAction::state_outcome, "first", Outcome::succeeded),
            (Names{"operator: state_outcome", "done first", "asked second"}));
  SagaStory it_did_not = parked;
  EXPECT_EQ(it_did_not.operate(OperatorAction::state_outcome, "first", Outcome::failed),
            (Names{"operator: state_outcome", "voided first", "turned back", "undone start", "compensated"}));
}

TEST(UnitSagaOperator, AStatedOutcomeOfAnUndo) {
  SagaStory story = at_second();
  story.answer("second", Outcome::declined);
  story.answer("first", Outcome::unknown);
  story.retry_due("first");
  story.answer("first", Outcome::unknown);
  SagaStory not_undone = story;
  EXPECT_EQ(story.operate(OperatorAction::state_outcome, "first", Outcome::succeeded),
            (Names{"operator: state_outcome", "undone first", "undone start", "compensated"}));
  EXPECT_EQ(not_undone.operate(OperatorAction::state_outcome, "first", Outcome::declined),
            Names{"operator: state_outcome"});
  EXPECT_EQ(not_undone.state.status, SagaStatus::parked);
  EXPECT_EQ(not_undone.operate(OperatorAction::force_close).back(), "force-closed");
}

TEST(UnitSagaOperator, AnOutcomeIsNotStatedWhileAnAnswerIsAwaitedOrWhereNothingIsOpen) {
  EXPECT_EQ(at_second().operate(OperatorAction::state_outcome, "second", Outcome::failed), Names{"!send_awaited"});
  EXPECT_EQ(at_second().operate(OperatorAction::state_outcome, "first", Outcome::failed), Names{"!not_open"});
  EXPECT_EQ(at_second().operate(OperatorAction::state_outcome, "", Outcome::failed), Names{"!no_such_step"});
  EXPECT_EQ(parked_in_doubt().operate(OperatorAction::state_outcome, "second", Outcome::unknown),
            Names{"!outcome_needed"});
}

TEST(UnitSagaOperator, EveryActionSaysWhoAndWhy) {
  SagaStory story = parked_in_doubt();
  story.operate(OperatorAction::state_outcome, "second", Outcome::succeeded);
  for (const auto& [event, at] : story.history) {
    const auto* taken = std::get_if<saga::SagaActionTaken>(&event);
    if (taken == nullptr) continue;
    EXPECT_EQ(taken->by, SagaStory::operator_id);
    EXPECT_EQ(taken->reason, "on the phone");
    EXPECT_EQ(taken->step, "second");
  }
}

}  // namespace
}  // namespace edda
