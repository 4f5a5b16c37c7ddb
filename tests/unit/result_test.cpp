#include "base/result.hpp"

#include <gtest/gtest.h>

#include <map>

namespace edda {
namespace {

// These names are read by programs: a change of one breaks somebody.
TEST(UnitResult, EveryCodeHasItsNameAndSaysWhetherRepeatingHelps) {
  const std::map<Errc, std::pair<std::string_view, bool>> codes{
      {Errc::invalid_argument, {"invalid_argument", false}}, {Errc::unauthenticated, {"unauthenticated", false}},
      {Errc::forbidden, {"forbidden", false}},               {Errc::rejected, {"rejected", false}},
      {Errc::not_found, {"not_found", false}},               {Errc::already_exists, {"already_exists", false}},
      {Errc::version_conflict, {"version_conflict", true}},  {Errc::overloaded, {"overloaded", true}},
      {Errc::unavailable, {"unavailable", true}},            {Errc::outcome_unknown, {"outcome_unknown", true}},
      {Errc::cancelled, {"cancelled", false}},               {Errc::corrupt, {"corrupt", false}},
      {Errc::internal, {"internal", false}}};
  for (const auto& [code, known] : codes) {
    EXPECT_EQ(to_string(code), known.first);
    EXPECT_EQ(is_retryable(code), known.second) << known.first;
  }
}

}  // namespace
}  // namespace edda
