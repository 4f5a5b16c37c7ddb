#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace edda::gateway {

/// From 40 bits of a hash to the numbers of the ledger lines that may be meant, in 8 bytes a slot: a million entries take 10 to 15 MB.
/// The line itself decides whether it is the one. The bits are split into one of 256 small open-addressing tables (linear probing), so
/// that growing copies a 256th at a time and never holds two whole tables.
/// Thread-safety: none; the ledger's mutex guards it.
class LedgerIndex {
 public:
  /// Room for `entries` without growing on the way.
  void reserve(std::size_t entries);
  /// Numbers are 1..2^32-1. The same bits may be inserted many times.
  void insert(std::uint64_t bits, std::uint32_t number);

  /// Asks for the memory that `insert` and `find` of these bits will touch: a start inserts a million of them in random places.
  void prefetch(std::uint64_t bits) const {
    const Table& table = tables_[table_of(bits)];
    if (!table.slots.empty()) __builtin_prefetch(&table.slots[home_of(static_cast<std::uint32_t>(bits), table.slots.size())], 1);
  }

  /// Calls `visit(number)` for each line that may be meant, until it returns true. Returns whether one did.
  template <class Visit>
  bool find(std::uint64_t bits, Visit&& visit) const {
    const Table& table = tables_[table_of(bits)];
    if (table.slots.empty()) return false;
    const auto fingerprint = static_cast<std::uint32_t>(bits);
    for (std::size_t i = home_of(fingerprint, table.slots.size()); table.slots[i].number != 0;) {
      if (table.slots[i].fingerprint == fingerprint && visit(table.slots[i].number)) return true;
      if (++i == table.slots.size()) i = 0;
    }
    return false;
  }

  /// Lets the entry of `bits` that names line `from` name line `to`.
  void replace(std::uint64_t bits, std::uint32_t from, std::uint32_t to);

  std::size_t bytes() const;

 private:
  struct Slot {
    std::uint32_t fingerprint = 0;
    std::uint32_t number = 0;  ///< 0: free
  };
  struct Table {
    std::vector<Slot> slots;
    std::size_t used = 0;
  };

  static std::size_t table_of(std::uint64_t bits) { return (bits >> 32) & 255U; }
  /// Spreads the whole range of fingerprints over the slots, whose count need not be a power of two.
  static std::size_t home_of(std::uint32_t fingerprint, std::size_t slots) {
    return static_cast<std::size_t>((std::uint64_t{fingerprint} * slots) >> 32);
  }
  static void place(std::vector<Slot>& slots, Slot slot);
  static void grow(Table& table, std::size_t slots);

  std::array<Table, 256> tables_;
};

}  // namespace edda::gateway
