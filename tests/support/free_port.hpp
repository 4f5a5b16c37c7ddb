#pragma once

#include "bench/process.hpp"

namespace edda::testing_support {

/// A port of the loopback that was free a moment ago. Throws when there is none.
inline std::uint16_t free_port() { return bench::free_port().value(); }

}  // namespace edda::testing_support
