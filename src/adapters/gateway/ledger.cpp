#include "gateway/ledger.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/verdict.hpp"

namespace edda::gateway {
namespace {

using Kind = LedgerEntry::Kind;
using Done = LedgerEntry::Outcome;

// The last refund of a charge is found through the charge's own bits, turned so that looking for the charge does not meet it.
std::uint64_t refund_bits(std::uint64_t charge_bits) { return charge_bits ^ 0xA5'A5A5A5A5; }

bool is_refund_of(const LedgerRecord& record, const Uuid& charge) {
  return record.kind == Kind::refund && record.outcome == Done::succeeded && record.charge == charge;
}
bool is_void_of(const LedgerRecord& record, const Uuid& charge) {
  return record.kind == Kind::void_charge && record.outcome == Done::succeeded && record.charge == charge;
}

LedgerEntry entry_of(std::int64_t number, LedgerRecord record) {
  return {.number = number,
          .kind = record.kind,
          .outcome = record.outcome,
          .key = std::move(record.key),
          .amount = record.amount,
          .reference = reference_of(record.id),
          .charge = record.charge.is_nil() ? std::string() : reference_of(record.charge)};
}

}  // namespace

Result<std::unique_ptr<Ledger>> Ledger::open(const LedgerSettings& settings) {
  TRY(auto file, LedgerFile::open(settings.path, settings.fsync));
  std::unique_ptr<Ledger> ledger(new Ledger(std::move(file)));
  TRY_VOID(ledger->fill_index());
  return ledger;
}

Result<LedgerRecord> Ledger::charge(const ChargeRequest& request, bool declined) {
  const std::lock_guard lock(mutex_);
  const Uuid id = effect_id(request.key);
  TRY(auto found, find_key(id));
  if (found) return std::move(found->record);
  return append({.kind = Kind::charge,
                 .outcome = declined ? Done::declined : Done::succeeded,
                 .amount = request.amount,
                 .id = id,
                 .charge = {},
                 .key = request.key});
}

Result<LedgerRecord> Ledger::refund(const RefundRequest& request) {
  const std::lock_guard lock(mutex_);
  LedgerRecord record{.kind = Kind::refund,
                      .outcome = Done::declined,
                      .amount = request.amount,
                      .id = effect_id(request.key),
                      .charge = {},
                      .key = request.key};
  TRY(auto before, find_key(record.id));
  if (before) return std::move(before->record);
  const auto charge_id = parse_reference(request.charge_reference);
  if (!charge_id) return append(std::move(record));
  TRY(const auto charge, find_charge(*charge_id));
  if (!charge) return append(std::move(record));
  record.charge = *charge_id;
  TRY(const auto last, find_last_refund(*charge_id));
  const std::int64_t refunded = last ? last->record.refunded_so_far : 0;
  const Money& charged = charge->record.amount;
  if (request.amount.minor > 0 && request.amount.currency == charged.currency &&
      request.amount.minor <= charged.minor - refunded) {
    record.outcome = Done::succeeded;
    record.refunded_so_far = refunded + request.amount.minor;
  }
  return append(std::move(record));
}

Result<LedgerRecord> Ledger::void_charge(const VoidRequest& request) {
  const std::lock_guard lock(mutex_);
  const Uuid id = effect_id(request.key);
  TRY(auto before, find_key(id));
  if (before) return std::move(before->record);
  const Uuid charge_id = effect_id(request.charge_key);
  TRY(const auto charge, find_charge(charge_id));
  return append({.kind = Kind::void_charge,
                 .outcome = charge ? Done::declined : Done::succeeded,
                 .amount = {},
                 .id = id,
                 .charge = charge_id,
                 .key = request.key});
}

Task<Result<std::vector<LedgerEntry>>> Ledger::read(std::int64_t after, std::size_t limit, Deadline) {
  const std::lock_guard lock(mutex_);
  const auto left = static_cast<std::size_t>(std::max<std::int64_t>(file_.count() - after, 0));
  std::vector<LedgerEntry> entries;
  if (left == 0 || limit == 0) co_return entries;
  CO_TRY(auto records, file_.read_many(after + 1, std::min(left, limit)));
  entries.reserve(records.size());
  for (auto& record : records) entries.push_back(entry_of(++after, std::move(record)));
  co_return entries;
}

Task<Result<std::optional<LedgerEntry>>> Ledger::find(std::string key, Deadline) {
  const std::lock_guard lock(mutex_);
  CO_TRY(auto found, find_key(effect_id(key)));
  if (!found) co_return std::nullopt;
  co_return entry_of(found->number, std::move(found->record));
}

std::int64_t Ledger::entries() const {
  const std::lock_guard lock(mutex_);
  return file_.count();
}

std::size_t Ledger::index_bytes() const {
  const std::lock_guard lock(mutex_);
  return index_.bytes();
}

Result<void> Ledger::fill_index() {
  index_.reserve(static_cast<std::size_t>(file_.count()));
  Result<void> outcome;
  // Entries wait here for a moment, until the memory that was asked for has come.
  std::array<std::pair<std::int64_t, RecordSketch>, 32> waiting{};
  std::size_t next = 0;
  const auto insert_oldest = [&] {
    const auto [number, sketch] = std::exchange(waiting[next], {});
    if (number == 0) return;
    index_.insert(sketch.id_bits, static_cast<std::uint32_t>(number));
    if (!sketch.succeeded || !outcome) return;
    if (sketch.kind == Kind::void_charge) index_.insert(sketch.charge_bits, static_cast<std::uint32_t>(number));
    if (sketch.kind == Kind::refund) outcome = index_refund(number, sketch.charge_bits);
  };
  TRY_VOID(file_.scan([&](std::int64_t number, const RecordSketch& sketch) {
    index_.prefetch(sketch.id_bits);
    insert_oldest();
    waiting[next] = {number, sketch};
    next = (next + 1) % waiting.size();
  }));
  for (std::size_t i = 0; i < waiting.size(); ++i, next = (next + 1) % waiting.size()) insert_oldest();
  return outcome;
}

Result<void> Ledger::index_refund(std::int64_t number, std::uint64_t charge_bits) {
  const std::uint64_t bits = refund_bits(charge_bits);
  std::uint32_t earlier = 0;
  if (index_.find(bits, [](std::uint32_t) { return true; })) {
    TRY(const auto record, file_.read(number));
    TRY(const auto last, find_last_refund(record.charge));
    if (last) earlier = static_cast<std::uint32_t>(last->number);
  }
  if (earlier != 0)
    index_.replace(bits, earlier, static_cast<std::uint32_t>(number));
  else
    index_.insert(bits, static_cast<std::uint32_t>(number));
  return {};
}

Ledger::Lookup Ledger::find_where(std::uint64_t bits, const std::function<bool(const LedgerRecord&)>& is_meant) const {
  std::optional<Found> first;
  std::optional<Error> error;
  index_.find(bits, [&](std::uint32_t number) {
    auto record = file_.read(number);
    if (!record) {
      error = record.error();
      return true;
    }
    if (is_meant(*record) && (!first || number < first->number)) first = Found{number, std::move(*record)};
    return false;
  });
  if (error) return std::unexpected(*error);
  return first;
}

Ledger::Lookup Ledger::find_key(const Uuid& id) const {
  return find_where(index_bits(id), [&](const LedgerRecord& r) { return r.id == id || is_void_of(r, id); });
}

Ledger::Lookup Ledger::find_charge(const Uuid& id) const {
  return find_where(index_bits(id), [&](const LedgerRecord& r) {
    return r.kind == Kind::charge && r.outcome == Done::succeeded && r.id == id;
  });
}

Ledger::Lookup Ledger::find_last_refund(const Uuid& charge) const {
  return find_where(refund_bits(index_bits(charge)), [&](const LedgerRecord& r) { return is_refund_of(r, charge); });
}

Result<LedgerRecord> Ledger::append(LedgerRecord record) {
  const auto written = file_.append(record);
  if (!written && written.error().code != Errc::outcome_unknown) return std::unexpected(written.error());
  const std::int64_t number = file_.count();
  index_.insert(index_bits(record.id), static_cast<std::uint32_t>(number));
  if (record.outcome == Done::succeeded && record.kind == Kind::void_charge)
    index_.insert(index_bits(record.charge), static_cast<std::uint32_t>(number));
  if (record.outcome == Done::succeeded && record.kind == Kind::refund)
    TRY_VOID(index_refund(number, index_bits(record.charge)));
  if (!written) return std::unexpected(written.error());
  return record;
}

}  // namespace edda::gateway
