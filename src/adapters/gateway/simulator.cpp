#include "gateway/simulator.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <functional>

#include "base/failpoint.hpp"

namespace edda::gateway {
namespace {

namespace asio = boost::asio;
using Kind = LedgerEntry::Kind;
using saga::Outcome;

constexpr std::size_t faults_max = 1'000'000;
constexpr std::string_view no_such_charge = "There is no such charge";
constexpr std::string_view beyond_the_charge = "More than is left of the charge, or not in its currency";
constexpr std::string_view already_charged = "The charge had taken effect";

GatewayAnswer declined(std::string_view reason, std::string reference = {}) {
  return {Outcome::declined, std::move(reference), std::string(reason)};
}

/// The ledger could not say: nothing was done, or nobody knows.
GatewayAnswer no_entry(const Error& error) {
  const bool surely_nothing = error.code == Errc::unavailable;
  return {surely_nothing ? Outcome::failed : Outcome::unknown, {}, error.message};
}

/// What the request under `key` was answered, read back from its entry.
GatewayAnswer answer_of(const LedgerEntry& entry, std::string_view key) {
  if (entry.key != key) return declined("The charge was voided");
  const bool effective = entry.outcome == LedgerEntry::Outcome::succeeded;
  if (effective) return {Outcome::succeeded, entry.reference, {}};
  switch (entry.kind) {
    case Kind::charge: return declined(declined_reason);
    case Kind::refund: return declined(entry.charge.empty() ? no_such_charge : beyond_the_charge);
    case Kind::void_charge: break;
  }
  return declined(already_charged, entry.charge);
}

bool is_payable(const Money& amount) { return amount.minor >= 0 && amount.minor <= money_minor_max; }

bool took_effect(const LedgerRecord& record) { return record.outcome == LedgerEntry::Outcome::succeeded; }

}  // namespace

Task<GatewayAnswer> PaymentSimulator::charge(ChargeRequest request, Deadline deadline) {
  return serve(std::move(request), deadline);
}
Task<GatewayAnswer> PaymentSimulator::refund(RefundRequest request, Deadline deadline) {
  return serve(std::move(request), deadline);
}
Task<GatewayAnswer> PaymentSimulator::void_charge(VoidRequest request, Deadline deadline) {
  return serve(std::move(request), deadline);
}

Task<GatewayAnswer> PaymentSimulator::lookup(LookupRequest request, Deadline deadline) {
  auto found = co_await ledger_.find(request.key, deadline);
  if (!found) co_return GatewayAnswer{Outcome::unknown, {}, found.error().message};
  if (!*found) co_return GatewayAnswer{Outcome::unknown, {}, "Nothing stands under this key"};
  co_return answer_of(**found, request.key);
}

GatewayAnswer PaymentSimulator::act(const ChargeRequest& request) {
  if (!is_payable(request.amount)) return declined("The amount is out of range");
  const bool declines = decline_charge(request, settings_.success_rate).has_value();
  const auto record = ledger_.charge(request, declines);
  if (!record) return no_entry(record.error());
  if (record->kind == Kind::void_charge && record->key != request.key) return declined("The charge was voided");
  if (record->kind != Kind::charge) return declined("The key was used for another request");
  if (!took_effect(*record)) return declined(declined_reason);
  return {Outcome::succeeded, reference_of(record->id), {}};
}

GatewayAnswer PaymentSimulator::act(const RefundRequest& request) {
  if (!is_payable(request.amount)) return declined("The amount is out of range");
  const auto record = ledger_.refund(request);
  if (!record) return no_entry(record.error());
  if (record->kind != Kind::refund) return declined("The key was used for another request");
  if (took_effect(*record)) return {Outcome::succeeded, reference_of(record->id), {}};
  if (record->charge.is_nil()) return declined(no_such_charge);
  return declined(beyond_the_charge);
}

GatewayAnswer PaymentSimulator::act(const VoidRequest& request) {
  const auto record = ledger_.void_charge(request);
  if (!record) return no_entry(record.error());
  if (record->kind != Kind::void_charge) return declined("The key was used for another request");
  if (took_effect(*record)) return {Outcome::succeeded, reference_of(record->id), {}};
  return declined(already_charged, reference_of(record->charge));
}

template <class Request>
Task<GatewayAnswer> PaymentSimulator::serve(Request request, Deadline deadline) {
  if (!is_ledger_key(request.key)) co_return declined("The key is not one this gateway takes");
  const int faults_before = deals_faults() ? faults_met(request.key) : 0;
  const Fault fault = fault_of(request.key, faults_before, settings_);
  const Latency latency = latency_of(request.key, faults_before, settings_);
  if (settings_.latency_max.count() <= 0) co_return act_unless_faulty(request, fault);

  // Whoever asked may be cancelled meanwhile. The request is under way all the same, and its answer is not thrown away by an exception.
  const bool threw_before = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  const SteadyTime effect_at = clock_.steady_now() + latency.before_effect;
  const SteadyTime answer_at = effect_at + latency.after_effect;
  co_await clock_.sleep_until(std::min(effect_at, deadline.at));
  GatewayAnswer answer = act_unless_faulty(request, fault);
  co_await clock_.sleep_until(std::min(answer_at, deadline.at));
  co_await asio::this_coro::throw_if_cancelled(threw_before);
  if (answer_at > deadline.at) co_return GatewayAnswer{Outcome::unknown, {}, "No answer in time"};
  co_return answer;
}

template <class Request>
GatewayAnswer PaymentSimulator::act_unless_faulty(const Request& request, Fault fault) {
  if (fault == Fault::none) {
    GatewayAnswer answer = act(request);
    EDDA_FAILPOINT("gateway.acted", request.key);
    return answer;
  }
  remember_fault(request.key);
  if (fault == Fault::failed) return {Outcome::failed, {}, "The gateway is out of order"};
  static_cast<void>(act(request));
  return {Outcome::unknown, {}, "The answer was lost"};
}

int PaymentSimulator::faults_met(const std::string& key) {
  const std::lock_guard lock(faults_mutex_);
  const auto found = faults_.find(std::hash<std::string>{}(key));
  return found == faults_.end() ? 0 : found->second;
}

void PaymentSimulator::remember_fault(const std::string& key) {
  const std::lock_guard lock(faults_mutex_);
  if (faults_.size() < faults_max) ++faults_[std::hash<std::string>{}(key)];
}

}  // namespace edda::gateway
