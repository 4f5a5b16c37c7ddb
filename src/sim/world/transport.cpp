#include "world/transport.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace edda::sim {
namespace {

using namespace std::chrono_literals;

GatewayAnswer no_answer() { return {saga::Outcome::unknown, {}, "the transport brought no answer"}; }

}  // namespace

Task<GatewayAnswer> Transport::perform(StepRequest request, Deadline deadline) {
  const Cut cut = links_.state(Service::steps);
  const bool lost = cut == Cut::requests || kernel_.strikes(Fault::step_lost, Stream::network);
  const bool doubled = cut == Cut::none && kernel_.strikes(Fault::step_doubled, Stream::network);
  const bool late = !lost && (cut == Cut::answers || kernel_.strikes(Fault::step_late, Stream::network));
  if (doubled) perform_beside(request, kernel_.draws.delay(Stream::network, 1ms, 60s), true);
  if (!lost && !late) {
    GatewayAnswer answer = co_await inner_.perform(std::move(request), deadline);
    if (doubled && answer.outcome == saga::Outcome::failed) answer.outcome = saga::Outcome::unknown;
    co_return answer;
  }
  if (late) perform_beside(std::move(request), kernel_.draws.delay(Stream::network, 10ms, 60s), cut == Cut::none);
  const Duration patience = deadline.at - clock_.steady_now();
  co_return co_await ask<GatewayAnswer>(node_, no_answer(), [&](Answer<GatewayAnswer> answer) {
    kernel_.scheduler.after(kernel_.scheduler.world(), patience, "patience", [answer] { answer.give(no_answer()); });
  });
}

void Transport::perform_beside(StepRequest request, Duration after, bool bring) {
  ++under_way_;
  boost::asio::co_spawn(kernel_.executor(node_), beside(std::move(request), after, bring), boost::asio::detached);
}

Task<void> Transport::beside(StepRequest request, Duration after, bool bring) {
  co_await clock_.sleep_until(clock_.steady_now() + after);
  const GatewayAnswer answer = co_await inner_.perform(request, clock_.deadline_in(10s));
  --under_way_;
  // Only what says something final is brought: an unknown says nothing new, and a "failed" does not hold for the other copy.
  const bool final = answer.outcome == saga::Outcome::succeeded || answer.outcome == saga::Outcome::declined;
  if (bring && final && late_ && !node_.is_cut()) late_(request, answer);
}

}  // namespace edda::sim
