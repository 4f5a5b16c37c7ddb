#include "maintenance/verify_ledger.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

#include "owner/step_request.hpp"
#include "queries/alias.hpp"
#include "saga/definitions.hpp"

namespace edda::maintenance {
namespace {

using Kind = LedgerEntry::Kind;
using saga::Action;
using saga::Direction;

// Entries read at once; between two reads other work gets its turn on this thread.
constexpr std::size_t page = 200;

/// Where in a definition an action stands: which step, and whether as its action or as its undo.
struct Place {
  std::string_view step;
  Direction direction;
};
std::optional<Place> find_action(const saga::Definition& definition, Action action) {
  for (const auto& step : definition.steps) {
    if (step.action == action) return Place{step.name, Direction::forward};
    if (step.compensation.needed() && step.compensation.action == action)
      return Place{step.name, Direction::compensate};
  }
  return std::nullopt;
}

/// What a key says: saga, step, direction. nullopt unless exactly what `step_key` writes.
std::optional<SagaId> saga_of_key(const LedgerEntry& entry) {
  const auto first = entry.key.find('/');
  const auto last = entry.key.rfind('/');
  if (first == std::string::npos || last <= first) return std::nullopt;
  const auto saga = parse_id<SagaId>(std::string_view(entry.key).substr(0, first));
  const auto direction = saga::parse_direction(std::string_view(entry.key).substr(last + 1));
  if (!saga || !direction) return std::nullopt;
  const std::string_view step = std::string_view(entry.key).substr(first + 1, last - first - 1);
  if (owner::step_key(*saga, step, *direction) != entry.key) return std::nullopt;
  const bool fits = entry.kind == Kind::charge   ? *direction == Direction::forward
                    : entry.kind == Kind::refund ? *direction != Direction::void_request
                                                 : *direction == Direction::void_request;
  return fits ? saga : std::nullopt;
}

std::string_view name_of(Kind kind) {
  return kind == Kind::charge ? "charge" : kind == Kind::refund ? "refund" : "void";
}
std::string describe(const LedgerEntry& entry) {
  return fmt::format("{} {} of {} {} under {}", name_of(entry.kind), entry.number, to_major_fixed(entry.amount),
                     entry.amount.currency.view(), entry.key);
}

bool same_effect(const LedgerEntry& entry, const LedgerEntry& expected) {
  return entry.kind == expected.kind && entry.outcome == expected.outcome && entry.amount == expected.amount &&
         (expected.reference.empty() || entry.reference == expected.reference) && entry.charge == expected.charge;
}

/// The key under which this saga does this; empty if its definition does not.
std::string key_of(const saga::State& saga, Action action) {
  const auto place = saga.definition != nullptr ? find_action(*saga.definition, action) : std::nullopt;
  return place ? owner::step_key(saga.id, place->step, place->direction) : std::string();
}

/// The log has this effect on record by now.
bool is_recorded(const turn::OrderCase& state, const LedgerEntry& entry, const saga::State& saga) {
  const auto& payment = state.payment;
  if (entry.kind == Kind::charge)
    return entry.key == key_of(saga, Action::charge_payment) && payment.captured() &&
           payment.external_transaction_id == entry.reference && payment.amount == entry.amount;
  if (entry.key != key_of(saga, Action::refund_payment)) return false;
  return std::ranges::any_of(payment.refunds, [&](const payment::Refund& refund) {
    return refund.saga == saga.id && refund.status == payment::Refund::Status::refunded && refund.minor == entry.amount.minor;
  });
}

/// The saga waits for the answer to exactly this. A charge is also waited for while it is being voided.
bool is_awaited(const LedgerEntry& entry, const saga::State& saga) {
  if (saga.ended()) return false;
  return std::ranges::any_of(saga.open, [&](const saga::OpenRequest& open) {
    const Direction asked = open.direction == Direction::void_request ? Direction::forward : open.direction;
    return entry.key == owner::step_key(saga.id, saga.step(open.step).name, asked);
  });
}

}  // namespace

Task<Result<void>> LedgerCheck::match_charge(SagaId saga, Money amount, std::string reference, Deadline deadline) {
  if (queries::may_be_imported(saga.value)) co_return Result<void>{};  // charged under no key of ours
  const auto place = find_action(saga::order_processing, Action::charge_payment);
  LedgerEntry expected{.kind = Kind::charge, .key = {}, .amount = amount, .reference = std::move(reference), .charge = {}};
  co_return co_await match(owner::step_key(saga, place->step, place->direction), std::move(expected), deadline);
}

Task<Result<void>> LedgerCheck::match_refunds(const turn::OrderCase& state, Deadline deadline) {
  for (const auto& refund : state.payment.refunds) {
    const auto* saga = state.find_saga(refund.saga);
    if (refund.status != payment::Refund::Status::refunded || saga == nullptr || saga->definition == nullptr) continue;
    const auto place = find_action(*saga->definition, Action::refund_payment);
    if (!place) continue;
    LedgerEntry expected{.kind = Kind::refund,
                         .key = {},
                         .amount = Money{refund.minor, state.payment.amount.currency},
                         .reference = {},
                         .charge = state.payment.external_transaction_id};
    CO_TRY_VOID(co_await match(owner::step_key(saga->id, place->step, place->direction), std::move(expected), deadline));
  }
  co_return Result<void>{};
}

Task<Result<void>> LedgerCheck::match(std::string key, LedgerEntry expected, Deadline deadline) {
  CO_TRY(const auto entry, co_await ledger_.find(key, deadline));
  if (!entry)
    check_.faults.add(fmt::format("the log has a {} under {} that the gateway never made", name_of(expected.kind), key));
  else if (!same_effect(*entry, expected))
    check_.faults.add(fmt::format("{} is not what the log has under that key", describe(*entry)));
  else if (!mark(entry->number))
    check_.faults.add(fmt::format("{} pays for two payments", describe(*entry)));
  co_return Result<void>{};
}

Task<Result<void>> LedgerCheck::check_entries(LoadCase load_case, Deadline deadline) {
  for (std::int64_t after = 0;;) {
    CO_TRY(const auto entries, co_await ledger_.read(after, page, deadline));
    if (entries.empty()) co_return Result<void>{};
    for (const auto& entry : entries) CO_TRY_VOID(co_await check_entry(entry, load_case, deadline));
    after = entries.back().number;
    check_.checked = after;
    co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
  }
}

Task<Result<void>> LedgerCheck::check_entry(const LedgerEntry& entry, const LoadCase& load_case, Deadline deadline) {
  CO_TRY(const auto first, co_await ledger_.find(entry.key, deadline));
  if (first && first->number != entry.number)
    check_.faults.add(fmt::format("{} repeats what entry {} had decided", describe(entry), first->number));
  const auto saga = saga_of_key(entry);
  if (!saga) {
    check_.faults.add(fmt::format("{}: the key names no saga, step and direction", describe(entry)));
    co_return Result<void>{};
  }
  const bool moved_money = entry.kind != Kind::void_charge && entry.outcome == LedgerEntry::Outcome::succeeded;
  if (!moved_money || is_marked(entry.number)) co_return Result<void>{};
  co_return co_await account_for(entry, *saga, load_case);
}

Task<Result<void>> LedgerCheck::account_for(const LedgerEntry& entry, SagaId id, const LoadCase& load_case) {
  CO_TRY(const auto state, co_await load_case(id));
  const auto* saga = state.find_saga(id);
  if (saga != nullptr && is_recorded(state, entry, *saga) && mark(entry.number)) co_return Result<void>{};
  if (saga != nullptr && is_awaited(entry, *saga))
    check_.notes.add(describe(entry) + ": in flight");
  else
    check_.faults.add(describe(entry) + ": the log has no record of it, and no saga waits for it");
  co_return Result<void>{};
}

bool LedgerCheck::mark(std::int64_t number) {
  const auto index = static_cast<std::size_t>(number);
  if (index >= marks_.size()) marks_.resize(std::max(index + 1, marks_.size() * 2));
  const bool fresh = !marks_[index];
  marks_[index] = true;
  return fresh;
}

bool LedgerCheck::is_marked(std::int64_t number) const {
  const auto index = static_cast<std::size_t>(number);
  return index < marks_.size() && marks_[index];
}

}  // namespace edda::maintenance
