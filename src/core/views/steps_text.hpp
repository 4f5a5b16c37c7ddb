#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace edda {

/// A list of step names as a JSON array of strings, and back. Errors: corrupt.
std::string steps_to_text(const std::vector<std::string>& steps);
Result<std::vector<std::string>> steps_from_text(std::string_view text);

}  // namespace edda
