#pragma once

#include <algorithm>
#include <cstddef>

namespace edda {

/// No read answers with more than this, whatever it is asked for: every answer is bounded.
inline constexpr std::size_t events_read_max = 10'000;
inline constexpr std::size_t list_rows_max = 1'000;

}  // namespace edda
