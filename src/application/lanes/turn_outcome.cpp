#include "lanes/turn_outcome.hpp"

#include "base/overloaded.hpp"
#include "turn/stored_turn.hpp"

namespace edda::lanes {
namespace {

/// R2: every stream that was folded, written or not; streams that the turn creates are expected not to exist.
std::vector<ExpectedVersion> versions_of(const turn::OrderCase& before, const turn::OrderCase& after) {
  std::vector<ExpectedVersion> expected;
  expected.reserve(2 + after.sagas.size());
  expected.push_back({stream_of(after.order.id), before.order.version});
  expected.push_back({stream_of(after.order.payment), before.payment.version});
  for (const auto& saga : after.sagas) {
    const auto* known = before.find_saga(saga.id);
    expected.push_back({stream_of(saga.id), known != nullptr ? known->version : StreamVersion{0}});
  }
  return expected;
}

}  // namespace

Turn stored_turn(const TurnRequest& request, const turn::OrderCase& before, const turn::Decision& decision) {
  turn::Encoded encoded = turn::encode(decision);
  Turn turn;
  turn.correlation = request.order;
  turn.causation = request.causation;
  turn.expected = versions_of(before, decision.after);
  if (request.key) {
    turn.command = request.key;
    turn.command->stream = encoded.events.front().stream;
    turn.command->version = encoded.events.front().version;
  }
  for (const Digest128& claim : request.claims) turn.claims.push_back({claim, stream_of(request.order)});
  turn.epoch = request.epoch;
  turn.events = std::move(encoded.events);
  turn.orders = std::move(encoded.orders);
  turn.payments = std::move(encoded.payments);
  turn.sagas = std::move(encoded.sagas);
  return turn;
}

std::shared_ptr<const turn::OrderCase> after_of(const std::shared_ptr<turn::Decision>& decision) {
  return {decision, &decision->after};
}

std::unexpected<Error> rejected(const turn::Rejection& rejection) {
  const std::string reason(turn::to_string(rejection));
  if (reason == "not_found") return fail(Errc::not_found, "there is no such order");
  return fail(Errc::rejected, "the order's present state does not allow this: " + reason, {}, reason);
}

std::unexpected<Error> key_reused() {
  return fail(Errc::already_exists, "this idempotency key was used for another request; take a new key", {},
              "idempotency_key_reused");
}

TurnAnswer refusal_of(const TurnOutcome& outcome) {
  return std::visit(
      overloaded{
          [](const Appended&) -> TurnAnswer { return fail(Errc::internal, "a stored turn is no refusal"); },
          [](const Duplicate& duplicate) -> TurnAnswer {
            if (!duplicate.same_request) return key_reused();
            return Replay{duplicate.stream, duplicate.version};
          },
          [](const Conflict&) -> TurnAnswer {
            return fail(Errc::unavailable, "the order is changing too fast; try again shortly");
          },
          [](const Claimed& taken) -> TurnAnswer {
            return fail(Errc::already_exists, "another order holds this key", to_string(taken.holder), "claimed");
          },
          [](const Fenced&) -> TurnAnswer {
            return fail(Errc::cancelled, "this node no longer owns the order's shard", {}, "fenced");
          },
          [](const Refused& refused) -> TurnAnswer { return std::unexpected(refused.error); },
      },
      outcome);
}

}  // namespace edda::lanes
