#include "owner/answer_delivery.hpp"

#include "base/failpoint.hpp"
#include "lanes/case_loader.hpp"
#include "turn/order_case.hpp"

namespace edda::owner {
namespace {

using saga::Action;
using saga::Direction;
using saga::Outcome;

constexpr std::size_t event_ids_max = 10'000;

struct StepKey {
  SagaId saga;
  std::string step;
  Direction direction;
};

std::optional<StepKey> parse_step_key(std::string_view key) {
  const auto first = key.find('/');
  const auto last = key.rfind('/');
  if (first == std::string_view::npos || last == first) return std::nullopt;
  const auto saga = parse_id<SagaId>(key.substr(0, first));
  const auto direction = saga::parse_direction(key.substr(last + 1));
  if (!saga || !direction) return std::nullopt;
  return StepKey{*saga, std::string(key.substr(first + 1, last - first - 1)), *direction};
}

/// What the request does; of a void: what it voids.
Action action_of(const saga::Step& step, Direction direction) {
  return direction == Direction::compensate ? step.compensation.action : step.action;
}

/// Of stock, approvals and the like a payment gateway may tell what it wants.
bool is_gateways(Action action) { return action == Action::charge_payment || action == Action::refund_payment; }

/// What the request moves; nothing for a void.
std::optional<Money> amount_of(const turn::OrderCase& state, SagaId saga, Action action, Direction direction) {
  if (direction == Direction::void_request) return std::nullopt;
  if (action == Action::charge_payment) return state.order.total;
  for (const auto& refund : state.payment.refunds)
    if (refund.saga == saga) return Money{refund.minor, state.order.total.currency};
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Delivery delivery) {
  switch (delivery) {
    case Delivery::stored: return "stored";
    case Delivery::no_news: return "no_news";
    case Delivery::doubled: return "doubled";
    case Delivery::unknown_key: return "unknown_key";
    case Delivery::not_final: return "not_final";
    case Delivery::wrong_amount: return "wrong_amount";
    case Delivery::second_effect: return "second_effect";
  }
  return "";
}

Task<Result<Delivery>> AnswerDelivery::deliver(ToldAnswer told, Deadline deadline) {
  const bool doubled = seen_.contains(told.event_id);
  const auto judged = doubled ? Result<Delivery>(Delivery::doubled) : co_await judge(told, deadline);
  if (!judged) co_return judged;
  ++counts_[static_cast<std::size_t>(*judged)];
  if (!doubled) remember(told.event_id);
  co_return judged;
}

Task<Result<Delivery>> AnswerDelivery::judge(const ToldAnswer& told, Deadline deadline) {
  const auto key = parse_step_key(told.key);
  if (!key) co_return Delivery::unknown_key;
  if (told.outcome != Outcome::succeeded && told.outcome != Outcome::declined) co_return Delivery::not_final;
  CO_TRY(const auto row, co_await ports_.views.find_saga(key->saga, deadline));
  if (!row) co_return Delivery::unknown_key;
  const OrderId order = row->row.order;
  CO_TRY(const auto loaded, co_await lanes::load_case(ports_.store, order, deadline));
  const saga::State* saga = loaded.state.find_saga(key->saga);
  const auto step = saga != nullptr ? saga->index_of(key->step) : std::nullopt;
  if (!step || !is_gateways(action_of(saga->step(*step), key->direction))) co_return Delivery::unknown_key;

  const Action action = action_of(saga->step(*step), key->direction);
  const bool effect = told.outcome == Outcome::succeeded && key->direction != Direction::void_request;
  if (effect && (!told.amount || told.amount != amount_of(loaded.state, key->saga, action, key->direction))) {
    complain("a gateway tells of another amount than its step's; it is ignored", told);
    co_return Delivery::wrong_amount;
  }
  if (effect && action == Action::charge_payment && loaded.state.payment.captured() && loaded.state.payment.external_transaction_id != told.reference) {
    complain("a gateway tells of a second charge under one key", told);
    co_return Delivery::second_effect;
  }
  EDDA_FAILPOINT("webhook.before_stored");
  // The gateway answers for the key, not for one of its sends: the first stands for them all.
  CO_TRY(const auto answered,
         co_await ports_.dispatcher.deliver(
             order, {key->saga, key->step, key->direction, 1, told.outcome, told.reason, told.reference, false}, deadline));
  EDDA_FAILPOINT("webhook.stored");
  const auto* committed = std::get_if<lanes::Committed>(&answered);
  co_return committed != nullptr && committed->turn ? Delivery::stored : Delivery::no_news;
}

void AnswerDelivery::remember(const std::string& event_id) {
  if (!seen_.insert(event_id).second) return;
  oldest_first_.push_back(event_id);
  if (oldest_first_.size() <= event_ids_max) return;
  seen_.erase(oldest_first_.front());
  oldest_first_.pop_front();
}

void AnswerDelivery::complain(std::string_view what, const ToldAnswer& told) {
  ports_.log.write(LogLevel::error, what, {{"key", told.key}, {"reference", told.reference}, {"event", told.event_id}});
}

}  // namespace edda::owner
