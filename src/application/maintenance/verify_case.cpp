#include "maintenance/verify_case.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace edda::maintenance {
namespace {

bool stands(OrderStatus status) {
  return status == OrderStatus::paid || status == OrderStatus::shipped || status == OrderStatus::delivered;
}

bool waits_for_an_operator(SagaStatus status) { return status == SagaStatus::parked || status == SagaStatus::paused; }

std::string text_of(const Money& money) {
  return fmt::format("{} {}", to_major_fixed(money), money.currency.view());
}

/// The live saga that decides how an order's money is listed: one that waits for an operator hides nothing behind a busy one.
const saga::State* live_saga(const turn::OrderCase& state) {
  const saga::State* live = nullptr;
  for (const auto& saga : state.sagas)
    if (saga.exists() && !saga.ended() && (live == nullptr || waits_for_an_operator(saga.status))) live = &saga;
  return live;
}

void judge_sagas(VerifyReport& report, const turn::OrderCase& state) {
  if (const auto* saga = state.find_saga(state.order.saga); saga == nullptr || !saga->exists())
    report.sagas.faults.add(fmt::format("order {}: its saga {} never started", to_string(state.order.id), to_string(state.order.saga)));
  for (const auto& saga : state.sagas) {
    if (const auto fault = fault_of(saga)) report.sagas.faults.add(*fault);
    if (saga.exists() && waits_for_an_operator(saga.status))
      report.sagas.notes.add(fmt::format("saga {} of order {} is {}: {}", to_string(saga.id), to_string(state.order.id),
                                         to_string(saga.status), saga.error));
  }
}

void judge_end(VerifyReport& report, const turn::OrderCase& state, const saga::State* live, bool late) {
  const OrderStatus status = state.order.status;
  if (status != OrderStatus::pending && status != OrderStatus::cancelling) return;
  const std::string what = fmt::format("order {} is {}", to_string(state.order.id), to_string(status));
  if (live == nullptr) return report.orders.faults.add(what + ", and no saga carries it to an end");
  if (late) report.orders.notes.add(what + " for long");
}

void judge_refunds(VerifyReport& report, const turn::OrderCase& state) {
  for (const auto& refund : state.payment.refunds) {
    if (refund.status != payment::Refund::Status::reserved) continue;
    const auto* saga = state.find_saga(refund.saga);
    const std::string what = fmt::format("order {}: refund of {}", to_string(state.order.id),
                                         text_of({refund.minor, state.payment.amount.currency}));
    if (saga == nullptr || !saga->exists() || saga->ended())
      report.money.faults.add(what + " is set aside, and no saga pays it out");
    else
      report.money.notes.add(fmt::format("{} is {}", what, waits_for_an_operator(saga->status) ? "parked" : "in flight"));
  }
}

bool was_force_closed(const turn::OrderCase& state) {
  return std::ranges::any_of(state.sagas, [](const saga::State& saga) { return saga.status == SagaStatus::force_closed; });
}

void judge_money(VerifyReport& report, const turn::OrderCase& state, const saga::State* live) {
  const auto& payment = state.payment;
  const std::string order = "order " + to_string(state.order.id);
  if (!payment.exists()) {  // its saga has not come to the charge, or turned back before
    if (stands(state.order.status)) report.money.faults.add(order + " stands and has no payment");
    return;
  }
  if (payment.amount != state.order.total)
    report.money.faults.add(fmt::format("{}: its total is {}, its payment's {}", order, text_of(state.order.total), text_of(payment.amount)));
  MoneyTotals& totals = report.totals[std::string(state.order.total.currency.view())];
  const std::int64_t captured = payment.captured() ? payment.amount.minor : 0;
  const std::int64_t refunded = payment.refunded_minor();
  totals.captured += captured;
  totals.refunded += refunded;
  judge_refunds(report, state);
  if (stands(state.order.status)) {
    totals.standing += state.order.total.minor;
    totals.standing_refunded += refunded;
    if (!payment.captured()) report.money.faults.add(order + " stands, and its payment was never captured");
    return;
  }
  const std::int64_t held = captured - refunded;
  if (held == 0) return;
  const std::string what = fmt::format("{} is {} and {} of it is held", order, to_string(state.order.status),
                                       text_of({held, payment.amount.currency}));
  if (live == nullptr && was_force_closed(state)) {
    totals.parked += held;
    return report.money.notes.add(what + ": its saga was force-closed");
  }
  if (live == nullptr) return report.money.faults.add(what + ", and no saga gives it back");
  const bool parked = waits_for_an_operator(live->status);
  (parked ? totals.parked : totals.in_flight) += held;
  report.money.notes.add(what + (parked ? ": parked" : ": in flight"));
}

}  // namespace

std::optional<std::string> fault_of(const saga::State& saga) {
  if (!saga.exists()) return std::nullopt;
  const std::string name = fmt::format("saga {} of order {}", to_string(saga.id), to_string(saga.order));
  if (saga.ended())
    return saga.open.empty() ? std::nullopt : std::optional(name + " has ended around an open step");
  if (waits_for_an_operator(saga.status) || !saga.open.empty()) return std::nullopt;
  return name + " lives and has no next move: no open request, no timer, and it is not parked";
}

bool is_settled(const OrderRow& order, const PaymentRow& payment) {
  if (order.payment != payment.id || payment.order != order.id || payment.amount != order.total) return false;
  const bool captured = payment.status == PaymentStatus::completed || payment.status == PaymentStatus::refunded;
  if (stands(order.status)) return captured;
  return order.status == OrderStatus::cancelled &&
         (payment.status == PaymentStatus::failed || (captured && payment.refunded_minor == payment.amount.minor));
}

void count_settled(VerifyReport& report, const OrderRow& order, const PaymentRow& payment) {
  MoneyTotals& totals = report.totals[std::string(order.total.currency.view())];
  if (payment.status != PaymentStatus::failed) totals.captured += payment.amount.minor;
  totals.refunded += payment.refunded_minor;
  if (!stands(order.status)) return;
  totals.standing += order.total.minor;
  totals.standing_refunded += payment.refunded_minor;
}

void judge_case(VerifyReport& report, const turn::OrderCase& state, bool late) {
  const saga::State* live = live_saga(state);
  judge_sagas(report, state);
  judge_end(report, state, live, late);
  judge_money(report, state, live);
}

}  // namespace edda::maintenance
