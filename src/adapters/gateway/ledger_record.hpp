#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "ports/gateway_ledger.hpp"

/// One line of the ledger file. Every line is equally long, so that line n is found without an index and a torn one is seen:
///
///   kind   outcome   amount           cur refunded-so-far  id                                   charge id       key      check
///   charge succeeded             1999 USD                0 2f9c8d0e-...                         -               0199.../payment_processing/forward a1b2c3d4
///
/// Columns are padded with spaces; the check is the FNV-1a hash of what stands before it. Line 0 names the format.
namespace edda::gateway {

inline constexpr std::size_t record_bytes = 224;
/// Longer keys are not taken: saga id, step and direction need about 70.
inline constexpr std::size_t key_bytes_max = 85;
using RecordLine = std::array<char, record_bytes>;

/// An entry as it stands in the file.
struct LedgerRecord {
  LedgerEntry::Kind kind = LedgerEntry::Kind::charge;
  LedgerEntry::Outcome outcome = LedgerEntry::Outcome::succeeded;
  Money amount;
  std::int64_t refunded_so_far = 0;  ///< a refund that succeeded: of its charge, this refund included
  Uuid id;                           ///< derived from the key
  Uuid charge;                       ///< refund, void: the charge's id; else nil
  std::string key;
};

/// Printable ASCII without a space, 1 to key_bytes_max long: what a line can hold.
bool is_ledger_key(std::string_view key);

RecordLine header_line();
/// Needs a key that is_ledger_key and an amount in range.
RecordLine encode_record(const LedgerRecord& record);
/// nullopt for a line that was torn or changed.
std::optional<LedgerRecord> decode_record(const RecordLine& line);

/// What the index needs of a line, read without looking at the rest of it: starts must be quick. Nothing is checked.
struct RecordSketch {
  LedgerEntry::Kind kind;
  bool succeeded;
  std::uint64_t id_bits;      ///< see index_bits
  std::uint64_t charge_bits;  ///< 0 where there is no charge
};
RecordSketch sketch_record(std::string_view line);
/// The 40 leading bits of an id, all of them random.
std::uint64_t index_bits(const Uuid& id);

}  // namespace edda::gateway
