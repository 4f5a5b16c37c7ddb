#include "gateway/ledger_record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace edda::gateway {
namespace {

// Where each column begins, and how wide it is.
struct Column {
  std::size_t begin;
  std::size_t width;
};
constexpr Column kind_column{0, 6};
constexpr Column outcome_column{7, 9};
constexpr Column amount_column{17, 16};
constexpr Column currency_column{34, 3};
constexpr Column refunded_column{38, 16};
constexpr Column id_column{55, 36};
constexpr Column charge_column{92, 36};
constexpr Column key_column{129, key_bytes_max};
constexpr Column check_column{215, 8};
static_assert(key_column.begin + key_column.width + 1 == check_column.begin);
static_assert(check_column.begin + check_column.width + 1 == record_bytes);

std::string_view name_of(LedgerEntry::Kind kind) {
  switch (kind) {
    case LedgerEntry::Kind::charge: return "charge";
    case LedgerEntry::Kind::refund: return "refund";
    case LedgerEntry::Kind::void_charge: return "void";
  }
  return "";
}

std::string_view name_of(LedgerEntry::Outcome outcome) {
  return outcome == LedgerEntry::Outcome::succeeded ? "succeeded" : "declined";
}

void put(RecordLine& line, Column column, std::string_view text) {
  std::memcpy(line.data() + column.begin, text.data(), std::min(text.size(), column.width));
}
void put(RecordLine& line, Column column, std::int64_t number) {
  const fmt::format_int text(number);
  std::memcpy(line.data() + column.begin + column.width - text.size(), text.data(), text.size());
}

std::string_view get(std::string_view line, Column column) {
  std::string_view text = line.substr(column.begin, column.width);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<std::int64_t> get_number(std::string_view line, Column column) {
  const std::string_view text = get(line, column);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::array<char, 8> check_of(std::string_view line) {
  std::uint32_t hash = 2166136261U;
  for (const char c : line.substr(0, check_column.begin)) {
    hash ^= static_cast<std::uint8_t>(c);
    hash *= 16777619U;
  }
  std::array<char, 8> text;
  for (std::size_t i = 0; i < 8; ++i) text[7 - i] = "0123456789abcdef"[(hash >> (4 * i)) & 15];
  return text;
}

void seal(RecordLine& line) {
  const auto check = check_of({line.data(), line.size()});
  put(line, check_column, {check.data(), check.size()});
  line[record_bytes - 1] = '\n';
}

std::uint64_t hex_digit(char c) {
  return static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10) & 15U;
}

/// The ten hexadecimal digits before and after an id's first dash.
std::uint64_t leading_bits(std::string_view id) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 8; ++i) bits = (bits << 4) | hex_digit(id[i]);
  for (std::size_t i = 9; i < 11; ++i) bits = (bits << 4) | hex_digit(id[i]);
  return bits;
}

std::optional<LedgerEntry::Kind> parse_kind(std::string_view name) {
  for (const auto kind : {LedgerEntry::Kind::charge, LedgerEntry::Kind::refund, LedgerEntry::Kind::void_charge})
    if (name_of(kind) == name) return kind;
  return std::nullopt;
}

}  // namespace

bool is_ledger_key(std::string_view key) {
  return !key.empty() && key.size() <= key_bytes_max &&
         std::ranges::all_of(key, [](char c) { return c > ' ' && c < '\x7f'; });
}

RecordLine header_line() {
  RecordLine line;
  line.fill(' ');
  constexpr std::string_view title =
      "edda payment simulator, ledger format 1: kind, outcome, minor units, currency, refunded so far, id, id of the "
      "charge, key, check of the line";
  static_assert(title.size() < check_column.begin);
  std::ranges::copy(title, line.begin());
  seal(line);
  return line;
}

RecordLine encode_record(const LedgerRecord& record) {
  RecordLine line;
  line.fill(' ');
  put(line, kind_column, name_of(record.kind));
  put(line, outcome_column, name_of(record.outcome));
  put(line, amount_column, record.amount.minor);
  put(line, currency_column, record.amount.currency.view());
  put(line, refunded_column, record.refunded_so_far);
  put(line, id_column, to_string(record.id));
  put(line, charge_column, record.charge.is_nil() ? std::string("-") : to_string(record.charge));
  put(line, key_column, record.key);
  seal(line);
  return line;
}

std::optional<LedgerRecord> decode_record(const RecordLine& bytes) {
  const std::string_view line(bytes.data(), bytes.size());
  const auto check = check_of(line);
  if (get(line, check_column) != std::string_view(check.data(), check.size()) || line.back() != '\n')
    return std::nullopt;
  const auto kind = parse_kind(get(line, kind_column));
  const auto minor = get_number(line, amount_column);
  const auto currency = parse_currency(get(line, currency_column));
  const auto refunded = get_number(line, refunded_column);
  const auto id = parse_uuid(get(line, id_column));
  const auto charge = get(line, charge_column) == "-" ? std::optional(Uuid{}) : parse_uuid(get(line, charge_column));
  if (!kind || !minor || !currency || !refunded || !id || !charge) return std::nullopt;
  const bool succeeded = get(line, outcome_column) == name_of(LedgerEntry::Outcome::succeeded);
  return LedgerRecord{*kind,
                      succeeded ? LedgerEntry::Outcome::succeeded : LedgerEntry::Outcome::declined,
                      Money{*minor, *currency},
                      *refunded,
                      *id,
                      *charge,
                      std::string(get(line, key_column))};
}

RecordSketch sketch_record(std::string_view line) {
  const char first = line[kind_column.begin];
  const auto kind = first == 'c'   ? LedgerEntry::Kind::charge
                    : first == 'r' ? LedgerEntry::Kind::refund
                                   : LedgerEntry::Kind::void_charge;
  const bool has_charge = line[charge_column.begin] != '-';
  return {kind, line[outcome_column.begin] == 's', leading_bits(line.substr(id_column.begin)),
          has_charge ? leading_bits(line.substr(charge_column.begin)) : 0};
}

std::uint64_t index_bits(const Uuid& id) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 5; ++i) bits = (bits << 8) | id.bytes[i];
  return bits;
}

}  // namespace edda::gateway
