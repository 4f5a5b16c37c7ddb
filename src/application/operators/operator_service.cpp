#include "operators/operator_service.hpp"

#include <fmt/format.h>

#include "base/json_writer.hpp"
#include "lanes/after_commit.hpp"
#include "lanes/case_loader.hpp"
#include "operators/refusals.hpp"

namespace edda::operators {
namespace {

std::string details_of(const Act& what) {
  JsonWriter json;
  json.begin_object();
  if (!what.step.empty()) json.field("step", what.step);
  if (what.outcome != saga::Outcome::unknown) json.field("outcome", saga::to_string(what.outcome));
  if (!what.reference.empty()) json.field("reference", what.reference);
  if (!what.batch.empty()) json.field("batch", what.batch);
  json.end_object();
  return json.take();
}

std::string details_of(const Word& word) {
  JsonWriter json;
  json.begin_object().field("step", word.step).field("accepted", word.accepted).end_object();
  return json.take();
}

/// The lane speaks of orders; here it was a saga that refused.
Error explained(Error error) {
  if (error.code != Errc::rejected) return error;
  const Advice advice = advice_for(error.reason);
  if (!advice.detail.empty()) error.message = std::string(advice.detail);
  return error;
}

}  // namespace

Audit audit_by(accounts::AccountService& accounts) {
  return [&accounts](accounts::Actor actor, std::string action, std::string subject, std::string details, Deadline deadline) {
    return accounts.record(std::move(actor), std::move(action), std::move(subject), std::move(details), deadline);
  };
}

Task<Result<Acted>> OperatorService::act(Target target, Act what, accounts::Actor actor,
                                         std::optional<orders::ClientKey> key, Deadline deadline,
                                         TraceContext trace) {
  saga::Operate operate;
  operate.action = what.action;
  operate.by = actor.user;
  operate.reason = actor.reason;
  operate.step = what.step;
  operate.outcome = what.outcome;
  operate.reference = what.reference;
  CO_TRY(auto stored, co_await run(target, turn::OperateSaga{target.saga, std::move(operate)}, std::move(key), trace, deadline));
  if (std::holds_alternative<lanes::Committed>(stored)) {
    auto name = fmt::format("saga.{}", saga::to_string(what.action));
    co_await audit(std::move(actor), std::move(name), target, details_of(what), trace, deadline);
  }
  co_return lanes::after_commit(co_await answer_of(target.saga, std::move(stored), deadline));
}

Task<Result<Acted>> OperatorService::signal(Target target, Word word, accounts::Actor actor,
                                            std::optional<orders::ClientKey> key, Deadline deadline,
                                            TraceContext trace) {
  turn::SignalSaga command{target.saga, {word.step, word.accepted, actor.user, actor.reason}};
  CO_TRY(auto stored, co_await run(target, std::move(command), std::move(key), trace, deadline));
  if (std::holds_alternative<lanes::Committed>(stored))
    co_await audit(std::move(actor), "saga.signal", target, details_of(word), trace, deadline);
  co_return lanes::after_commit(co_await answer_of(target.saga, std::move(stored), deadline));
}

Task<Result<OperatorService::Stored>> OperatorService::run(Target target, turn::Command command,
                                                           std::optional<orders::ClientKey> key, TraceContext trace,
                                                           Deadline deadline) {
  lanes::TurnRequest request;
  request.order = target.order;
  request.command = std::move(command);
  request.fresh_saga = SagaId{ports_.random.uuid_v7(ports_.clock.now(), target.order.value.low16())};
  if (key) request.key = orders::command_key(*key);
  request.caused_by = trace;
  if (target.if_version) request.if_saga_version = {target.saga, *target.if_version};
  auto submitted = co_await ports_.lane.submit(std::move(request), deadline);
  if (!submitted) co_return std::unexpected(explained(std::move(submitted.error())));
  co_return std::move(*submitted);
}

Task<Result<Acted>> OperatorService::answer_of(SagaId saga, Stored stored, Deadline deadline) {
  if (const auto* committed = std::get_if<lanes::Committed>(&stored))
    co_return co_await answer(saga, committed->state, false, deadline);
  CO_TRY(auto loaded, co_await orders::stored_case(ports_.store, std::get<lanes::Replay>(stored), deadline));
  co_return co_await answer(saga, std::make_shared<const turn::OrderCase>(std::move(loaded.state)), true, deadline);
}

Task<Result<Acted>> OperatorService::answer(SagaId id, std::shared_ptr<const turn::OrderCase> state, bool replayed,
                                            Deadline deadline) {
  const saga::State* saga = state->find_saga(id);
  if (saga == nullptr) co_return fail(Errc::corrupt, "a saga is missing from its order's story");
  CO_TRY(const auto first, co_await lanes::event_at(ports_.store, stream_of(id), StreamVersion{1}, deadline));
  CO_TRY(const auto last, co_await lanes::event_at(ports_.store, stream_of(id), saga->version, deadline));
  co_return Acted{state, {saga::row_of(*saga), first.at, last.at}, replayed};
}

Task<void> OperatorService::audit(accounts::Actor actor, std::string action, const Target& target, std::string details,
                                  TraceContext trace, Deadline deadline) {
  const auto recorded =
      co_await ports_.audit(std::move(actor), action, to_string(target.saga), std::move(details), deadline);
  if (!recorded) {
    ports_.log.write(LogLevel::error, "an operator's action is in the saga's stream, but not in the audit log",
                     {{"saga", to_string(target.saga)}, {"correlation", to_string(target.order)}, {"trace_id", trace_id_text(trace)},
                      {"action", action}, {"error", recorded.error().message}});
  }
}

}  // namespace edda::operators
