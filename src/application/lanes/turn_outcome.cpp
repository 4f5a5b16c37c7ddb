#include "lanes/turn_outcome.hpp"

#include "base/overloaded.hpp"
#include "eventsourcing/event_trace.hpp"
#include "turn/stored_turn.hpp"

namespace edda::lanes {
namespace {

/// R2: every stream that was folded, written or not; streams that the turn creates are expected not to exist.
std::vector<ExpectedVersion> versions_of(const turn::OrderCase& before, const turn::OrderCase& after) {
  std::vector<ExpectedVersion> expected;
  if (after.product.exists()) {
    expected.push_back({stream_of(after.product.id), before.product.version});
    return expected;
  }
  expected.reserve(2 + after.sagas.size());
  expected.push_back({stream_of(after.order.id), before.order.version});
  expected.push_back({stream_of(after.order.payment), before.payment.version});
  for (const auto& saga : after.sagas) {
    const auto* known = before.find_saga(saga.id);
    expected.push_back({stream_of(saga.id), known != nullptr ? known->version : StreamVersion{0}});
  }
  return expected;
}

/// R20: the key of a step in a product's shard is answered once. Which key that is follows from the answer: a release of what was never
/// reserved spends the reservation's own.
std::optional<Digest128> stock_key(const turn::Decision& decision) {
  const auto* event = std::get_if<stock::Event>(&decision.events.front().event);
  const auto key = event != nullptr ? stock::command_key(*event) : std::nullopt;
  return key ? std::optional(stock::digest_of(*key)) : std::nullopt;
}

}  // namespace

Turn stored_turn(const TurnRequest& request, const turn::OrderCase& before, const turn::Decision& decision) {
  turn::Encoded encoded = turn::encode(decision);
  Turn turn;
  turn.correlation = OrderId{request.subject()};
  turn.causation = request.causation;
  turn.expected = versions_of(before, decision.after);
  const auto stock = stock_key(decision);
  if (request.key || stock) {
    turn.command = stock ? CommandKey{*stock, 0, {}, {}} : request.key;
    turn.command->stream = encoded.events.front().stream;
    turn.command->version = encoded.events.front().version;
  }
  for (const Digest128& claim : request.claims) turn.claims.push_back({claim, stream_of(request.order)});
  turn.epoch = request.epoch;
  turn.events = std::move(encoded.events);
  for (NewEvent& event : turn.events) add_trace(event.data, request.caused_by);
  turn.orders = std::move(encoded.orders);
  turn.payments = std::move(encoded.payments);
  turn.sagas = std::move(encoded.sagas);
  turn.products = std::move(encoded.products);
  return turn;
}

std::shared_ptr<const turn::OrderCase> after_of(const std::shared_ptr<turn::Decision>& decision) {
  return {decision, &decision->after};
}

std::unexpected<Error> rejected(const turn::Rejection& rejection) {
  const std::string reason(turn::to_string(rejection));
  const std::string what = std::holds_alternative<stock::Rejection>(rejection) ? "product" : "order";
  if (reason == "not_found") return fail(Errc::not_found, "there is no such " + what);
  return fail(Errc::rejected, "the " + what + "'s present state does not allow this: " + reason, {}, reason);
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
            return fail(Errc::unavailable, "this is changing too fast; try again shortly");
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
