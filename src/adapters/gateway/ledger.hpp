#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "gateway/ledger_file.hpp"
#include "gateway/ledger_index.hpp"
#include "ports/gateway_ledger.hpp"
#include "ports/payment_gateway.hpp"

namespace edda::gateway {

struct LedgerSettings {
  std::filesystem::path path;
  bool fsync = false;  ///< see LedgerFile: entries survive the process without it, power losses only with it
};

/// The simulated gateway's memory: what was charged, voided and refunded, and what was declined. Each request is looked up and written
/// down under one lock, so a key has one entry and one answer for ever; lines are found through an index that takes some 15 bytes an
/// entry. Calls take microseconds (with fsync, a durable write) and block the calling thread for as long.
/// Thread-safety: callable from any thread.
class Ledger final : public GatewayLedger {
 public:
  /// Errors: those of LedgerFile::open.
  static Result<std::unique_ptr<Ledger>> open(const LedgerSettings& settings);

  // What stands under the request's key: from before, or written now. The record's key or kind may be another's: a charge finds the
  // void of its key, and a key used for another kind of request finds that one.
  // Errors: unavailable (nothing was done), corrupt, outcome_unknown.

  /// `declined`: how the charge is written down if its key is new.
  Result<LedgerRecord> charge(const ChargeRequest& request, bool declined);
  Result<LedgerRecord> refund(const RefundRequest& request);
  Result<LedgerRecord> void_charge(const VoidRequest& request);

  Task<Result<std::vector<LedgerEntry>>> read(std::int64_t after, std::size_t limit, Deadline deadline) override;
  Task<Result<std::optional<LedgerEntry>>> find(std::string key, Deadline deadline) override;

  std::int64_t entries() const;
  std::size_t index_bytes() const;

 private:
  struct Found {
    std::int64_t number;
    LedgerRecord record;
  };
  using Lookup = Result<std::optional<Found>>;

  explicit Ledger(LedgerFile file) : file_(std::move(file)) {}
  Result<void> fill_index();
  Result<void> index_refund(std::int64_t number, std::uint64_t charge_bits);
  Lookup find_where(std::uint64_t bits, const std::function<bool(const LedgerRecord&)>& is_meant) const;
  Lookup find_key(const Uuid& id) const;
  Lookup find_charge(const Uuid& id) const;
  Lookup find_last_refund(const Uuid& charge) const;
  Result<LedgerRecord> append(LedgerRecord record);

  mutable std::mutex mutex_;
  LedgerFile file_;
  LedgerIndex index_;
};

}  // namespace edda::gateway
