// The simulated store and the memory store are models: only if they answer as the real stores do is a run on them worth anything. Random
// scripts are carried out on all of them, one client and no faults, and every answer is compared. The seed is printed at the start; a failure
// prints its smallest script and what to set RC_PARAMS to, to run just that again with --gtest_filter=ContractModelsVsReality.*
#include "contract/models_vs_reality.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <sstream>

namespace edda::test {

void showValue(const Plan& p, std::ostream& out) {
  out << fmt::format("{{order {} streams {} x{} kind {} lag {} folded {} key {}/{} claim {} epoch {} at {} after {}{}{}}}",
                     p.order, p.streams, p.events, p.kind, p.lag, p.folded, p.key, p.fingerprint, p.claim, p.epoch,
                     p.second, p.after, p.again ? " again" : "", p.bad ? " bad" : "");
}
void showValue(const Step& step, std::ostream& out) {
  out << "\n[";
  for (const Plan& plan : step.batch) showValue(plan, out);
  out << fmt::format("] then {} {}", static_cast<int>(step.then), step.number);
}

namespace {

using rc::gen::inRange;

template <class T>
rc::Gen<T> rarely(T usual, rc::Gen<T> other) {
  return rc::gen::weightedOneOf<T>({{7, rc::gen::just(usual)}, {2, std::move(other)}});
}

rc::Gen<Plan> plans() {
  using rc::gen::set;
  return rc::gen::build<Plan>(
      set(&Plan::order, inRange(1, 6)), set(&Plan::streams, inRange(1, 8)), set(&Plan::events, inRange(1, 3)),
      set(&Plan::kind, inRange(0, 3)), set(&Plan::lag, rarely(0, inRange(-1, 2))),
      set(&Plan::folded, rarely(0, inRange(1, 6))), set(&Plan::key, rarely(-1, inRange(0, 4))),
      set(&Plan::fingerprint, inRange(0, 2)), set(&Plan::claim, rarely(-1, inRange(10, 14))),
      set(&Plan::epoch, rarely(-1, inRange(0, 3))), set(&Plan::second, inRange(1, 30)),
      set(&Plan::after, rarely(-1, inRange(0, 4))), set(&Plan::again, rarely(false, rc::gen::just(true))),
      set(&Plan::bad, rc::gen::weightedElement<bool>({{30, false}, {1, true}})));
}

rc::Gen<Step> steps() {
  using rc::gen::set;
  using Then = Step::Then;
  return rc::gen::build<Step>(
      set(&Step::batch, rc::gen::resize(6, rc::gen::container<std::vector<Plan>>(plans()))),
      set(&Step::then, rc::gen::weightedElement<Then>({{10, Then::nothing},
                                                       {3, Then::take_over},
                                                       {2, Then::take_over_if},
                                                       {2, Then::read_shard},
                                                       {2, Then::read_backwards},
                                                       {2, Then::read_stream},
                                                       {2, Then::find_key},
                                                       {1, Then::reopen}})),
      set(&Step::number, inRange(0, 16)));
}

void compare() {
  const auto script = *rc::gen::resize(20, rc::gen::container<std::vector<Step>>(steps()));
  const auto different = ModelsVsReality().run(script);
  if (different) RC_FAIL(*different);
}

TEST(ContractModelsVsReality, AnswerAlikeOnFiveHundredScripts) {
  rc::detail::TestMetadata metadata;
  metadata.id = "ContractModelsVsReality";
  auto params = rc::detail::configuration().testParams;
  params.maxSuccess = 500;
  const auto result = rc::detail::checkProperty(rc::detail::toProperty(compare), metadata, params);
  std::ostringstream message;
  rc::detail::printResultMessage(result, message);
  EXPECT_TRUE(result.template is<rc::detail::SuccessResult>()) << message.str();
}

}  // namespace
}  // namespace edda::test
