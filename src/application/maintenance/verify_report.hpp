#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace edda::maintenance {

/// Of one check, this many faults and this many notes are kept; all are counted.
inline constexpr std::size_t lines_kept_max = 100;

/// Sentences for a person, the first of them kept and all counted.
struct Lines {
  std::int64_t total = 0;
  std::vector<std::string> kept;
  void add(std::string line);
};

struct VerifyCheck {
  std::string_view name;
  std::int64_t checked = 0;  ///< how many things were looked at
  Lines faults = {};         ///< broken promises
  Lines notes = {};          ///< nothing broken: what is under way, or waits for an operator
  bool ok() const { return faults.total == 0; }
};

/// One currency's money in minor units. Promise 5: captured - refunded = standing - standing_refunded + in_flight + parked.
struct MoneyTotals {
  std::int64_t captured = 0;
  std::int64_t refunded = 0;
  std::int64_t standing = 0;           ///< totals of the orders that are paid, shipped or delivered
  std::int64_t standing_refunded = 0;  ///< of these, finished partial refunds
  std::int64_t in_flight = 0;          ///< captured for an order that does not stand, on its way back
  std::int64_t parked = 0;             ///< the same, waiting for an operator
  std::int64_t difference() const {
    return captured - refunded - (standing - standing_refunded + in_flight + parked);
  }
};

struct VerifyReport {
  VerifyCheck log{"log"};
  VerifyCheck views{"views"};
  VerifyCheck sagas{"sagas"};
  VerifyCheck orders{"orders"};
  VerifyCheck money{"money"};
  VerifyCheck stock{"stock"};
  VerifyCheck ledger{"ledger"};
  bool has_ledger = false;  ///< false: there was none to compare with, and the check only says so
  std::map<std::string, MoneyTotals> totals;  ///< by currency
  std::chrono::milliseconds duration{0};

  std::vector<const VerifyCheck*> checks() const;
  bool ok() const;
};

/// The API's VerifyResult.
std::string to_json(const VerifyReport& report);

}  // namespace edda::maintenance
