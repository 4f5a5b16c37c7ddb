// One step after another: every outcome, the tries, voiding, giving up, and the way back.
#include "saga/engine.hpp"

#include <gtest/gtest.h>

#include "saga/definitions.hpp"
#include "unit/saga_stories.hpp"

namespace edda {
namespace {

using namespace testing_support;
using saga::Direction;
using saga::Outcome;
using Names = SagaStory::Names;

TEST(UnitSagaEngine, StartsWithTheFirstStep) {
  SagaStory story(line);
  EXPECT_EQ(story.start(), (Names{"started", "asked first"}));
  EXPECT_EQ(story.state.status, SagaStatus::started);
  EXPECT_EQ(saga::row_of(story.state).current_step, "first");
}

TEST(UnitSagaEngine, StartsOnce) {
  SagaStory story = started(line);
  EXPECT_EQ(story.start(), Names{});
}

TEST(UnitSagaEngine, GoesThroughItsStepsAndDecidesLocalOnesAtOnce) {
  SagaStory story = started(line);
  EXPECT_EQ(story.answer("first", Outcome::succeeded), (Names{"done first", "asked second"}));
  EXPECT_EQ(story.answer("second", Outcome::succeeded), (Names{"done second", "done third", "completed"}));
  EXPECT_EQ(story.state.completed_steps, (Names{"first", "second", "third"}));
  EXPECT_EQ(saga::row_of(story.state).current_step, "completed");
}

TEST(UnitSagaEngine, ADeclinedStepTurnsTheSagaBack) {
  SagaStory story = at_second();
  EXPECT_EQ(story.answer("second", Outcome::declined),
            (Names{"declined second", "turned back", "asked undo of first"}));
  EXPECT_EQ(story.state.status, SagaStatus::compensating);
  EXPECT_EQ(story.answer("first", Outcome::succeeded), (Names{"undone first", "undone start", "compensated"}));
  EXPECT_EQ(story.state.compensation_steps, (Names{"undo_first", "undo_start"}));
}

TEST(UnitSagaEngine, LocalUndosAreDoneAtOnceInReverse) {
  SagaStory story = at_second();
  story.refused = "third";
  EXPECT_EQ(story.answer("second", Outcome::succeeded),
            (Names{"done second", "declined third", "turned back", "undone second", "asked undo of first"}));
}

TEST(UnitSagaEngine, AFailedSendIsTriedAgainAfterAPauseThatDoublesUpToItsLongest) {
  SagaStory story = started(line);
  EXPECT_EQ(story.answer("first", Outcome::failed), Names{"failed first"});
  EXPECT_EQ(story.state.open_at("first")->retry_in, milliseconds(100));
  EXPECT_EQ(story.retry_due("first"), Names{"asked first#2"});
  story.random = 1000;  // jitter: up to half of the pause
  story.answer("first", Outcome::failed);
  EXPECT_EQ(story.state.open_at("first")->retry_in, milliseconds(150 + 1000 % 76));
}

TEST(UnitSagaEngine, WhenEverySendSurelyFailedTheStepIsOverAndNothingOfItIsUndone) {
  SagaStory story = started(line);
  EXPECT_EQ(answer_all(story, "first", Outcome::failed),
            (Names{"ended first", "turned back", "undone start", "compensated"}));
}

TEST(UnitSagaEngine, OneSendInDoubtAndTheStepIsVoidedBeforeAnythingIsUndone) {
  SagaStory story = started(line);
  story.answer("first", Outcome::unknown);
  story.retry_due("first");
  story.answer("first", Outcome::failed);
  story.retry_due("first");
  EXPECT_EQ(story.answer("first", Outcome::failed), (Names{"failed first", "asked void of first"}));
  EXPECT_EQ(story.answer("first", Outcome::succeeded),
            (Names{"voided first", "turned back", "undone start", "compensated"}));
}

TEST(UnitSagaEngine, ASendThatMayHaveBeenDoubledCountsAsDoubt) {
  SagaStory story = started(line);
  story.answer("first", Outcome::failed, true);
  story.retry_due("first");
  EXPECT_TRUE(story.state.open_at("first")->in_doubt);
}

TEST(UnitSagaEngine, AVoidThatComesTooLateLetsTheSagaGoOn) {
  SagaStory story = started(line);
  answer_all(story, "first", Outcome::unknown);
  EXPECT_EQ(story.answer("first", Outcome::declined), (Names{"done first", "asked second"}));
}

TEST(UnitSagaEngine, TheActionMayStillBeAnsweredWhileItIsVoided) {
  SagaStory story = started(line);
  answer_all(story, "first", Outcome::unknown);
  EXPECT_EQ(story.answer_to("first", Direction::forward, 2, Outcome::failed), Names{});
  EXPECT_EQ(story.answer_to("first", Direction::forward, 2, Outcome::unknown), Names{});
  SagaStory declined = story;
  EXPECT_EQ(story.answer_to("first", Direction::forward, 2, Outcome::succeeded), (Names{"done first", "asked second"}));
  EXPECT_EQ(declined.answer_to("first", Direction::forward, 1, Outcome::declined),
            (Names{"declined first", "turned back", "undone start", "compensated"}));
}

TEST(UnitSagaEngine, AVoidHasTriesOfItsOwnAndIsThenParkedAroundTheOpenStep) {
  SagaStory story = started(line);
  answer_all(story, "first", Outcome::unknown);
  EXPECT_EQ(answer_all(story, "first", Outcome::unknown), (Names{"unknown void of first", "parked void of first"}));
  EXPECT_EQ(story.state.status, SagaStatus::parked);
  EXPECT_EQ(story.answer("first", Outcome::succeeded).front(), "voided first");
  EXPECT_EQ(story.state.status, SagaStatus::compensated);
}

TEST(UnitSagaEngine, AStepInDoubtThatCannotBeVoidedIsParked) {
  SagaStory story = at_second();
  EXPECT_EQ(answer_all(story, "second", Outcome::unknown), (Names{"unknown second", "parked second"}));
  EXPECT_EQ(story.answer_to("second", Direction::forward, 3, Outcome::failed), Names{});
  EXPECT_EQ(story.answer_to("second", Direction::forward, 1, Outcome::succeeded).front(), "done second");
}

TEST(UnitSagaEngine, WhereTheDefinitionSaysParkNothingIsGivenUp) {
  SagaStory declined = started(parking);
  EXPECT_EQ(declined.answer("only", Outcome::declined), Names{"parked only"});
  EXPECT_EQ(declined.answer("only", Outcome::declined), Names{});
  EXPECT_FALSE(declined.state.open_at("only")->in_doubt);
  SagaStory failed = started(parking);
  EXPECT_EQ(answer_all(failed, "only", Outcome::failed), (Names{"failed only", "parked only"}));
  EXPECT_FALSE(failed.state.open_at("only")->may_take_effect());
}

TEST(UnitSagaEngine, AnEffectThatIsOwedIsParkedWhereItIsDeclined) {
  SagaStory story = started(line);
  story.may_give_up = false;
  EXPECT_EQ(story.answer("first", Outcome::declined), Names{"parked first"});
}

TEST(UnitSagaEngine, AnUndoIsTriedAgainByItsOwnPolicyAndThenParkedNeverCalledCompensated) {
  SagaStory story = at_second();
  story.answer("second", Outcome::declined);
  EXPECT_EQ(story.answer("first", Outcome::failed), Names{"failed undo of first"});
  EXPECT_EQ(story.retry_due("first"), Names{"asked undo of first#2"});
  EXPECT_EQ(story.answer("first", Outcome::failed), (Names{"failed undo of first", "parked undo of first"}));
  EXPECT_EQ(story.state.status, SagaStatus::parked);
  EXPECT_EQ(story.answer("first", Outcome::succeeded), (Names{"undone first", "undone start", "compensated"}));
}

TEST(UnitSagaEngine, ADeclinedUndoIsParked) {
  SagaStory story = at_second();
  story.answer("second", Outcome::declined);
  EXPECT_EQ(story.answer("first", Outcome::declined), Names{"parked undo of first"});
}

TEST(UnitSagaEngine, ALocalUndoThatItsAggregateRefusesIsParked) {
  SagaStory story = at_second();
  story.answer("second", Outcome::declined);
  story.refused = "start";
  EXPECT_EQ(story.answer("first", Outcome::succeeded), (Names{"undone first", "parked undo of start"}));
  EXPECT_EQ(story.state.status, SagaStatus::parked);
}

TEST(UnitSagaEngine, CancellingAwaitsWhatIsBeingSent) {
  SagaStory story = at_second();
  EXPECT_EQ(story.cancel(), Names{"cancel"});
  EXPECT_EQ(story.cancel(), Names{});
  EXPECT_EQ(story.answer("second", Outcome::succeeded),
            (Names{"done second", "turned back", "undone second", "asked undo of first"}));
}

TEST(UnitSagaEngine, AfterACancelAFailedSendIsTheLastOne) {
  SagaStory story = at_second();
  story.cancel();
  EXPECT_EQ(story.answer("second", Outcome::failed), (Names{"ended second", "turned back", "asked undo of first"}));
}

TEST(UnitSagaEngine, AfterACancelAStepInDoubtIsVoidedOrParked) {
  SagaStory voidable = started(line);
  voidable.cancel();
  EXPECT_EQ(voidable.answer("first", Outcome::unknown), (Names{"unknown first", "asked void of first"}));
  SagaStory not_voidable = at_second();
  not_voidable.cancel();
  EXPECT_EQ(not_voidable.answer("second", Outcome::unknown), (Names{"unknown second", "parked second"}));
}

TEST(UnitSagaEngine, CancellingBetweenTwoTriesEndsTheStep) {
  SagaStory story = at_second();
  story.answer("second", Outcome::failed);
  EXPECT_EQ(story.cancel(), (Names{"cancel", "ended second", "turned back", "asked undo of first"}));
}

TEST(UnitSagaEngine, CancellingBetweenTwoTriesInDoubtVoidsOrParks) {
  SagaStory voidable = started(line);
  voidable.answer("first", Outcome::unknown);
  EXPECT_EQ(voidable.cancel(), (Names{"cancel", "asked void of first"}));
  SagaStory not_voidable = at_second();
  not_voidable.answer("second", Outcome::unknown);
  EXPECT_EQ(not_voidable.cancel(), (Names{"cancel", "parked second"}));
}

TEST(UnitSagaEngine, CancellingAParkedStepThatSurelyDidNothingEndsIt) {
  SagaStory story = started(parking);
  answer_all(story, "only", Outcome::failed);
  EXPECT_EQ(story.cancel(), (Names{"cancel", "ended only", "turned back", "compensated"}));
}

TEST(UnitSagaEngine, AnEndedSagaHearsNothing) {
  SagaStory story = started(line);
  story.answer("first", Outcome::declined);
  ASSERT_EQ(story.state.status, SagaStatus::compensated);
  EXPECT_EQ(story.answer_to("first", Direction::forward, 1, Outcome::succeeded), Names{});
  EXPECT_EQ(story.cancel(), Names{});
  EXPECT_EQ(story.time_due(), Names{});
}

TEST(UnitSagaEngine, DoubledAndLateAnswersChangeNothing) {
  SagaStory story = started(line);
  story.answer("first", Outcome::failed);
  EXPECT_EQ(story.answer("first", Outcome::failed), Names{});  // doubled
  story.retry_due("first");
  EXPECT_EQ(story.answer_to("first", Direction::forward, 1, Outcome::unknown), Names{});       // of an earlier attempt
  EXPECT_EQ(story.answer_to("first", Direction::compensate, 2, Outcome::succeeded), Names{});  // nobody asked for that
  EXPECT_EQ(story.answer_to("second", Direction::forward, 1, Outcome::succeeded), Names{});    // nor that
}

TEST(UnitSagaEngine, LateTimersChangeNothing) {
  SagaStory story = started(line);
  EXPECT_EQ(story.retry_due("first"), Names{});  // being sent
  story.answer("first", Outcome::failed);
  EXPECT_EQ(story.tell(saga::RetryDue{0, Direction::forward, 2}), Names{});
  EXPECT_EQ(story.tell(saga::RetryDue{0, Direction::void_request, 1}), Names{});
  EXPECT_EQ(story.tell(saga::RetryDue{1, Direction::forward, 1}), Names{});
}

TEST(UnitSagaEngine, AnUnknownDefinitionLeavesTheStateWithoutOne) {
  const auto state =
      saga::evolve({}, saga::SagaStarted{SagaStory::saga_id, "FromTheFuture", 9, SagaStory::order_id, {}, {}}, {});
  EXPECT_EQ(state.definition, nullptr);
  EXPECT_FALSE(state.index_of("first"));
  EXPECT_EQ(state.open_at("first"), nullptr);
  EXPECT_EQ(saga::row_of(state).definition_version, 0);
  EXPECT_EQ(saga::next_wakeup(state), std::nullopt);
  const auto more =
      saga::evolve(saga::evolve(state, saga::SagaStepRequested{"x", {}, 1, {}}, {}), saga::SagaWaitStarted{"x"}, {});
  EXPECT_TRUE(more.open.empty());
}

// In logs of release 1 a step whose tries had surely failed was ended first and then parked.
TEST(UnitSagaEngine, AParkedSagaOfRelease1FoldsToAParkedOne) {
  SagaStory story = started(parking);
  auto state = story.state;
  state = saga::evolve(state, saga::SagaStepFailed{"only", Direction::forward, 3, "no", false, true, {}}, {});
  state = saga::evolve(state, saga::SagaParked{"only", Direction::forward, "no", false}, {});
  EXPECT_EQ(state.status, SagaStatus::parked);
  EXPECT_TRUE(saga::advance(state, saga::TimeDue{}, {}).events.empty());
}

TEST(UnitSagaEngine, OutcomesHaveNames) {
  for (const Outcome outcome : {Outcome::succeeded, Outcome::declined, Outcome::failed, Outcome::unknown})
    EXPECT_EQ(saga::parse_outcome(saga::to_string(outcome)), outcome);
  EXPECT_EQ(saga::parse_outcome("perhaps"), std::nullopt);
}

TEST(UnitSagaDefinitions, EveryVersionIsFoundByItsName) {
  for (const auto* definition : saga::all_definitions())
    EXPECT_EQ(saga::find_definition(definition->name, definition->version), definition);
  EXPECT_EQ(saga::find_definition("OrderProcessingSaga", 99), nullptr);
  EXPECT_EQ(saga::order_processing.version, 2);
  EXPECT_EQ(saga::order_processing_1.version, 1);
}

TEST(UnitSagaDefinitions, TheWorstCaseCountsEveryTryAndTheLongestPauses) {
  EXPECT_EQ(saga::worst_case(a_second, three_tries), milliseconds(3000 + 150 + 225));
  EXPECT_EQ(saga::worst_case(a_second, {.attempts = 1}), a_second);
}

}  // namespace
}  // namespace edda
