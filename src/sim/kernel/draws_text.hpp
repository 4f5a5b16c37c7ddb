#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kernel/draws.hpp"

namespace edda::sim {

/// A list of draws as one word for a command line: streams parted by '/', numbers by ',', "n*count" for repeated ones; trailing zeroes are
/// left out, as they are what a replay takes anyway.
std::string to_text(const DrawList& draws);
std::optional<DrawList> parse_draws(std::string_view text);

}  // namespace edda::sim
