#pragma once

namespace edda {
/// Prints the broken assumption to stderr and aborts: a bug of ours, better a crash (which loses nothing) than a wrong order.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;
}  // namespace edda

// A programmer's mistake, never a user's: stays on in release builds.
#define EDDA_ASSERT(expression) \
  (static_cast<bool>(expression) ? void(0) : ::edda::assertion_failed(#expression, __FILE_NAME__, __LINE__))
