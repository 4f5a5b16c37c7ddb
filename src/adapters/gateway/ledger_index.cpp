#include "gateway/ledger_index.hpp"

#include <algorithm>

namespace edda::gateway {
namespace {

constexpr std::size_t slots_min = 16;

// Four fifths full: a probe still ends after a few neighbouring slots.
bool too_full(std::size_t used, std::size_t slots) { return used * 5 > slots * 4; }

}  // namespace

void LedgerIndex::reserve(std::size_t entries) {
  for (auto& table : tables_) {
    const std::size_t wanted = entries / tables_.size() * 3 / 2;
    if (wanted > table.slots.size() && wanted >= slots_min) grow(table, wanted);
  }
}

void LedgerIndex::insert(std::uint64_t bits, std::uint32_t number) {
  Table& table = tables_[table_of(bits)];
  if (too_full(table.used + 1, table.slots.size())) grow(table, std::max(slots_min, table.slots.size() * 3 / 2));
  place(table.slots, Slot{static_cast<std::uint32_t>(bits), number});
  ++table.used;
}

void LedgerIndex::replace(std::uint64_t bits, std::uint32_t from, std::uint32_t to) {
  Table& table = tables_[table_of(bits)];
  if (table.slots.empty()) return;
  const auto fingerprint = static_cast<std::uint32_t>(bits);
  for (std::size_t i = home_of(fingerprint, table.slots.size()); table.slots[i].number != 0;) {
    Slot& slot = table.slots[i];
    if (slot.fingerprint == fingerprint && slot.number == from) {
      slot.number = to;
      return;
    }
    if (++i == table.slots.size()) i = 0;
  }
}

std::size_t LedgerIndex::bytes() const {
  std::size_t slots = 0;
  for (const auto& table : tables_) slots += table.slots.capacity();
  return slots * sizeof(Slot) + sizeof *this;
}

void LedgerIndex::place(std::vector<Slot>& slots, Slot slot) {
  std::size_t i = home_of(slot.fingerprint, slots.size());
  while (slots[i].number != 0)
    if (++i == slots.size()) i = 0;
  slots[i] = slot;
}

void LedgerIndex::grow(Table& table, std::size_t slots) {
  std::vector<Slot> larger(slots);
  for (const Slot& slot : table.slots)
    if (slot.number != 0) place(larger, slot);
  table.slots = std::move(larger);
}

}  // namespace edda::gateway
