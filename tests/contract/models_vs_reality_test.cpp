// The simulated store and the memory store are models: only if they answer as the real stores do is a run on them worth
// anything. Random scripts are carried out on all of them, one client and no faults, and every answer is compared. The
// seed is printed at the start; a failure prints its smallest script and what to set RC_PARAMS to, to run just that
// again with --gtest_filter=ContractModelsVsReality.*
#include "contract/models_vs_reality.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <sstream>

#include "contract/scripted_plans.hpp"

namespace edda::test {

void showValue(const Step& step, std::ostream& out) {
  out << "\n[";
  for (const Plan& plan : step.batch) showValue(plan, out);
  out << fmt::format("] then {} {}", static_cast<int>(step.then), step.number);
}

namespace {

rc::Gen<Step> steps() {
  using rc::gen::set;
  using Then = Step::Then;
  return rc::gen::build<Step>(
      set(&Step::batch, rc::gen::resize(6, rc::gen::container<std::vector<Plan>>(rc::gen::arbitrary<Plan>()))),
      set(&Step::then, rc::gen::weightedElement<Then>({{10, Then::nothing},
                                                       {3, Then::take_over},
                                                       {2, Then::take_over_if},
                                                       {2, Then::read_shard},
                                                       {2, Then::read_backwards},
                                                       {2, Then::read_stream},
                                                       {2, Then::find_key},
                                                       {1, Then::reopen}})),
      set(&Step::number, rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, 16))));
}

void hold(int scripts, const std::function<std::vector<Contestant>()>& all) {
  const auto compare = [&] {
    const auto script = *rc::gen::resize(20, rc::gen::container<std::vector<Step>>(steps()));
    const auto different = ModelsVsReality(all()).run(script);
    if (different) RC_FAIL(*different);
  };
  rc::detail::TestMetadata metadata;
  metadata.id = "ContractModelsVsReality";
  auto params = rc::detail::configuration().testParams;
  params.maxSuccess = scripts;
  const auto result = rc::detail::checkProperty(rc::detail::toProperty(compare), metadata, params);
  std::ostringstream message;
  rc::detail::printResultMessage(result, message);
  EXPECT_TRUE(result.template is<rc::detail::SuccessResult>()) << message.str();
}

TEST(ContractModelsVsReality, AnswerAlikeOnFiveHundredScripts) { hold(500, contestants); }

TEST(ContractModelsVsReality, AnswerAsPostgresDoesOnAHundredScripts) { hold(100, postgres_contestants); }

}  // namespace
}  // namespace edda::test
