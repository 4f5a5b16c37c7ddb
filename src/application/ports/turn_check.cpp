#include "ports/turn_check.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace edda {
namespace {

// Bytes of the sequence that starts with `lead`; 0 when none starts so.
std::size_t sequence_length(unsigned char lead) {
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

// The second byte's range excludes overlong forms, surrogates and what lies beyond U+10FFFF (table 3-7 of the Unicode
// standard).
bool is_second_byte(unsigned char lead, unsigned char second) {
  const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  return second >= low && second <= high;
}

bool is_sequence(std::string_view text, std::size_t length) {
  if (length == 0 || text.size() < length) return false;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (!is_second_byte(byte(0), byte(1))) return false;
  for (std::size_t i = 2; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return false;
  }
  return true;
}

// Eight bytes at once, as nearly all text here is ASCII: true when none is above 0x7F and none is zero.
bool is_plain_word(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  constexpr std::uint64_t high = 0x8080808080808080ULL;
  constexpr std::uint64_t ones = 0x0101010101010101ULL;
  return (word & high) == 0 && ((word - ones) & high) == 0;
}

std::optional<Error> bad_text(std::string_view text, std::size_t bytes_max, std::string_view where) {
  if (text.size() > bytes_max) {
    return Error{
        .code = Errc::invalid_argument, .message = "A text is too long to be stored.", .where = std::string(where)};
  }
  if (!is_storable_text(text)) {
    return Error{.code = Errc::invalid_argument,
                 .message = "A text is not UTF-8, or holds U+0000.",
                 .where = std::string(where)};
  }
  return std::nullopt;
}

std::optional<Error> contradiction(std::string message) {
  return Error{.code = Errc::internal, .message = std::move(message), .reason = "turn_contradicts_itself"};
}

std::optional<Error> refuse_texts(const Turn& turn) {
  if (auto bad = bad_text(turn.node, turn_text_bytes_max, "node")) return bad;
  for (const NewEvent& event : turn.events) {
    if (auto bad = bad_text(event.type, turn_text_bytes_max, "type")) return bad;
    if (auto bad = bad_text(event.data, event_data_bytes_max, "data")) return bad;
  }
  for (const PaymentRow& row : turn.payments) {
    if (auto bad = bad_text(row.external_transaction_id, turn_text_bytes_max, "external_transaction_id")) return bad;
    if (auto bad = bad_text(row.failure_reason, turn_text_bytes_max, "failure_reason")) return bad;
  }
  for (const ProductRow& row : turn.products) {
    for (const std::string* text : {&row.product, &row.name}) {
      if (auto bad = bad_text(*text, turn_text_bytes_max, "product")) return bad;
    }
  }
  for (const SagaRow& row : turn.sagas) {
    for (const std::string* text : {&row.definition, &row.current_step, &row.error}) {
      if (auto bad = bad_text(*text, turn_text_bytes_max, "saga")) return bad;
    }
    for (const auto* steps : {&row.completed_steps, &row.compensation_steps}) {
      for (const std::string& step : *steps) {
        if (auto bad = bad_text(step, turn_text_bytes_max, "step")) return bad;
      }
    }
  }
  return std::nullopt;
}

// A turn has a handful of streams, rows and keys: looking through them all is cheaper than any tree of them.

struct Written {
  StreamId stream;
  StreamVersion version;  // after the turn
  bool has_events = false;
  bool has_row = false;
};

Written* find(std::vector<Written>& streams, StreamId stream) {
  const auto found = std::ranges::find(streams, stream, &Written::stream);
  return found == streams.end() ? nullptr : &*found;
}

std::optional<Error> refuse_rows(const Turn& turn, std::vector<Written>& streams) {
  const auto fits = [&](const auto& row) {
    Written* written = find(streams, stream_of(row.id));
    if (written == nullptr || !written->has_events || written->version != row.version) return false;
    return !std::exchange(written->has_row, true);
  };
  if (std::ranges::all_of(turn.orders, fits) && std::ranges::all_of(turn.payments, fits) &&
      std::ranges::all_of(turn.sagas, fits) && std::ranges::all_of(turn.products, fits)) {
    return std::nullopt;
  }
  return contradiction("A row is not of the version that the turn's events lead to.");
}

std::optional<Error> refuse_keys(const Turn& turn) {
  for (auto claim = turn.claims.begin(); claim != turn.claims.end(); ++claim) {
    const bool is_command = turn.command && turn.command->key == claim->key;
    if (is_command || std::ranges::find(claim + 1, turn.claims.end(), claim->key, &Claim::key) != turn.claims.end()) {
      return contradiction("A turn names one key twice.");
    }
  }
  if (turn.events.empty() && (turn.command || !turn.claims.empty())) {
    return contradiction("A turn without events stores no keys.");
  }
  return std::nullopt;
}

}  // namespace

bool is_storable_text(std::string_view text) {
  while (!text.empty()) {
    if (text.size() >= sizeof(std::uint64_t) && is_plain_word(text.data())) {
      text.remove_prefix(sizeof(std::uint64_t));
      continue;
    }
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lead != 0 && lead < 0x80 ? 1 : sequence_length(lead);
    if (length != 1 && !is_sequence(text, length)) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::optional<Error> refuse_turn(const Turn& turn, std::uint16_t shards) {
  if (turn.shard.value >= shards) return contradiction("The store has no such shard.");
  std::vector<Written> streams;
  streams.reserve(turn.expected.size());
  for (const ExpectedVersion& expected : turn.expected) {
    if (find(streams, expected.stream) != nullptr) return contradiction("A turn expects one stream twice.");
    streams.push_back({expected.stream, expected.version});
  }
  for (const NewEvent& event : turn.events) {
    Written* written = find(streams, event.stream);
    if (written == nullptr || event.version.value != written->version.value + 1) {
      return contradiction("An event does not follow the version that the turn expects.");
    }
    written->version = event.version;
    written->has_events = true;
  }
  if (auto bad = refuse_rows(turn, streams)) return bad;
  if (auto bad = refuse_keys(turn)) return bad;
  return refuse_texts(turn);
}

}  // namespace edda
