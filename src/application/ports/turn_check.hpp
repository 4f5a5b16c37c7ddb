#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ports/event_store.hpp"

namespace edda {

/// The data of one event may be this long; an order with the most items allowed is far below.
inline constexpr std::size_t event_data_bytes_max = 1024 * 1024;
/// Any other text of a turn (names, reasons, errors).
inline constexpr std::size_t turn_text_bytes_max = 64 * 1024;

/// UTF-8 (RFC 3629: no surrogates, nothing overlong) without U+0000.
bool is_storable_text(std::string_view text);

/// What no store may take, found before its transaction (R6): text that is no UTF-8 or too long (invalid_argument), and
/// turns that contradict themselves (internal): events that do not follow the expected versions, rows of streams
/// without an event here. Every adapter calls this first, so that all refuse the same. Pure.
std::optional<Error> refuse_turn(const Turn& turn, std::uint16_t shards);

}  // namespace edda
