#pragma once

#include "unit/saga_examples.hpp"
#include "unit/saga_story.hpp"

/// What many a test of the saga engine begins with.
namespace edda::testing_support {

inline SagaStory started(const Definition& definition) {
  SagaStory story(definition);
  story.start();
  return story;
}
/// The first step of `line` took effect, the second is asked for.
inline SagaStory at_second() {
  SagaStory story = started(line);
  story.answer("first", saga::Outcome::succeeded);
  return story;
}
/// All three tries of the step are answered so; the last answer's events.
inline SagaStory::Names answer_all(SagaStory& story, std::string_view step, saga::Outcome outcome) {
  for (int i = 1; i < three_tries.attempts; ++i) {
    story.answer(step, outcome);
    story.retry_due(step);
  }
  return story.answer(step, outcome);
}

}  // namespace edda::testing_support
