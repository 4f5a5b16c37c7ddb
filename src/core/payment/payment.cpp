#include "payment/payment.hpp"

#include <algorithm>

#include "base/overloaded.hpp"

namespace edda::payment {
namespace {

using Decision = std::expected<std::vector<Event>, Rejection>;

const Refund* find_refund(const State& state, SagaId saga) {
  const auto found = std::ranges::find(state.refunds, saga, &Refund::saga);
  return found == state.refunds.end() ? nullptr : &*found;
}

Money in_currency_of(const State& state, std::int64_t minor) { return Money{minor, state.amount.currency}; }

Decision decide(const State& state, const RequestPayment& c) {
  if (state.exists()) return std::unexpected(Rejection::already_requested);
  return std::vector<Event>{PaymentRequested{c.payment, c.order, c.user, c.amount}};
}

// A success is a fact at the gateway, whatever this side has decided meanwhile: a failed payment takes it too, marked late.
Decision decide(const State& state, const RecordCapture& c) {
  if (state.captured()) return std::unexpected(Rejection::already_captured);
  const bool late = state.status == PaymentStatus::failed;
  return std::vector<Event>{
      PaymentProcessed{state.id, state.order, state.user, state.amount, c.external_transaction_id, late}};
}

Decision decide(const State& state, const RecordFailure& c) {
  if (state.captured()) return std::unexpected(Rejection::already_captured);
  if (state.status == PaymentStatus::failed) return std::unexpected(Rejection::already_failed);
  return std::vector<Event>{PaymentFailed{state.id, state.order, state.user, state.amount, c.reason}};
}

Decision decide(const State& state, const ReserveRefund& c) {
  if (!state.captured()) return std::unexpected(Rejection::not_captured);
  if (find_refund(state, c.saga) != nullptr) return std::unexpected(Rejection::already_reserved);
  const std::int64_t left = state.refundable_minor();
  const std::int64_t minor = c.minor == 0 ? left : c.minor;
  if (minor > left) return std::unexpected(Rejection::exceeds_refundable);
  if (minor <= 0) return std::unexpected(Rejection::nothing_to_refund);
  return std::vector<Event>{
      PaymentRefundRequested{state.id, state.order, c.saga, in_currency_of(state, minor), c.reason}};
}

// A success is a fact here too: also of a refund whose reservation had been given back, because an operator thought it had failed.
// No gateway pays back more than it took.
Decision decide(const State& state, const RecordRefund& c) {
  const Refund* refund = find_refund(state, c.saga);
  if (refund == nullptr || refund->status == Refund::Status::refunded)
    return std::unexpected(Rejection::no_such_refund);
  if (refund->status == Refund::Status::declined && refund->minor > state.refundable_minor())
    return std::unexpected(Rejection::exceeds_refundable);
  return std::vector<Event>{PaymentRefunded{state.id, state.order, c.saga, in_currency_of(state, refund->minor),
                                            refund->reason, c.external_transaction_id}};
}

Decision decide(const State& state, const DeclineRefund& c) {
  const Refund* refund = find_refund(state, c.saga);
  if (refund == nullptr || refund->status != Refund::Status::reserved)
    return std::unexpected(Rejection::no_such_refund);
  return std::vector<Event>{
      PaymentRefundDeclined{state.id, state.order, c.saga, in_currency_of(state, refund->minor), c.reason}};
}

void set_refund_status(State& state, SagaId saga, Refund::Status status) {
  const auto refund = std::ranges::find(state.refunds, saga, &Refund::saga);
  if (refund != state.refunds.end()) refund->status = status;
}

void apply(State& state, const PaymentRequested& e) {
  state.id = e.payment;
  state.order = e.order;
  state.user = e.user;
  state.amount = e.amount;
  state.status = PaymentStatus::processing;
}
void apply(State& state, const PaymentProcessed& e) {
  state.status = PaymentStatus::completed;
  state.external_transaction_id = e.external_transaction_id;
  state.failure_reason.clear();
}
void apply(State& state, const PaymentFailed& e) {
  state.status = PaymentStatus::failed;
  state.failure_reason = e.failure_reason;
}
void apply(State& state, const PaymentRefundRequested& e) {
  state.refunds.push_back({e.saga, e.amount.minor, Refund::Status::reserved, e.reason});
}
void apply(State& state, const PaymentRefunded& e) {
  set_refund_status(state, e.saga, Refund::Status::refunded);
  if (state.refunded_minor() == state.amount.minor) state.status = PaymentStatus::refunded;
}
void apply(State& state, const PaymentRefundDeclined& e) {
  set_refund_status(state, e.saga, Refund::Status::declined);
}

std::int64_t sum_of(const State& state, auto&& counts) {
  std::int64_t sum = 0;
  for (const auto& refund : state.refunds)
    if (counts(refund.status)) sum += refund.minor;
  return sum;
}

}  // namespace

std::int64_t State::refunded_minor() const {
  return sum_of(*this, [](Refund::Status s) { return s == Refund::Status::refunded; });
}

std::int64_t State::refundable_minor() const {
  if (!captured()) return 0;
  return amount.minor - sum_of(*this, [](Refund::Status s) { return s != Refund::Status::declined; });
}

std::string_view to_string(Rejection rejection) {
  switch (rejection) {
    case Rejection::already_requested: return "already_requested";
    case Rejection::not_found: return "not_found";
    case Rejection::already_captured: return "already_captured";
    case Rejection::already_failed: return "already_failed";
    case Rejection::not_captured: return "not_captured";
    case Rejection::exceeds_refundable: return "exceeds_refundable";
    case Rejection::nothing_to_refund: return "nothing_to_refund";
    case Rejection::already_reserved: return "already_reserved";
    case Rejection::no_such_refund: return "no_such_refund";
  }
  return "rejected";
}

std::expected<std::vector<Event>, Rejection> decide(const State& state, const Command& command) {
  if (!state.exists() && !std::holds_alternative<RequestPayment>(command))
    return std::unexpected(Rejection::not_found);
  return std::visit([&](const auto& c) { return decide(state, c); }, command);
}

State evolve(State state, const Event& event) {
  std::visit([&](const auto& e) { apply(state, e); }, event);
  ++state.version.value;
  return state;
}

PaymentRow row_of(const State& state) {
  return PaymentRow{state.id,
                    state.order,
                    state.user,
                    state.status,
                    state.amount,
                    state.refunded_minor(),
                    state.external_transaction_id,
                    state.failure_reason,
                    state.version};
}

}  // namespace edda::payment
