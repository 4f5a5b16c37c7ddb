#pragma once

#include <string_view>

namespace edda {

/// The commit this program was built from, 40 hexadecimal digits; "unknown" where it was built without git.
/// Generated: cmake/EddaCommit.cmake.
std::string_view built_commit();

}  // namespace edda
