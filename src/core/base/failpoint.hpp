#pragma once

/// EDDA_FAILPOINT("step.before_send", key) stands at a boundary where a process may die: between two things that no transaction makes
/// one. In `edda-failpoints` a process that is told so kills itself there (tests/failpoints); in every other program
/// nothing is left of it, and its arguments are not evaluated.
///
/// `detail` (and `more`, after a slash) tells apart what passes the same point: an event's type, or "step/direction", also as the end of
/// a step's key.
#ifdef EDDA_FAILPOINTS

#include <string_view>

namespace edda::failpoint {

/// Does not return if EDDA_FAILPOINT names this point at this hit. Thread-safe. Defined in tests/failpoints/failpoint.cpp.
void reached(std::string_view name, std::string_view detail = {}, std::string_view more = {});

}  // namespace edda::failpoint

#define EDDA_FAILPOINT(...) ::edda::failpoint::reached(__VA_ARGS__)
#else
#define EDDA_FAILPOINT(...) static_cast<void>(0)
#endif
