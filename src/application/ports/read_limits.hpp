#pragma once

#include <algorithm>
#include <cstddef>

namespace edda {

/// No read answers with more than this, whatever it is asked for: every answer is bounded.
inline constexpr std::size_t events_read_max = 10'000;
inline constexpr std::size_t list_rows_max = 1'000;

/// A list stops after the row with which its text passes this. Rows are as large as what clients send (orders: 1 MiB), and an answer
/// is put together in memory.
inline constexpr std::size_t answer_bytes_max = std::size_t{4} << 20;

}  // namespace edda
