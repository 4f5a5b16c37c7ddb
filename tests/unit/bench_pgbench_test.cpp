#include <gtest/gtest.h>

#include "bench/pgbench.hpp"

namespace edda::bench {
namespace {

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

TEST(UnitBenchPgbench, WritesTheRowsOfASagaInOneTransaction) {
  TurnMaker maker(1);
  const std::string script = pgbench_script(maker, 6);
  EXPECT_EQ(count(script, "BEGIN;\n"), 1U);
  EXPECT_EQ(count(script, "COMMIT;\n"), 1U);
  EXPECT_EQ(count(script, "INSERT INTO events"), 2U);
  for (const char* table : {"order_view", "payment_view", "saga_view"}) {
    EXPECT_EQ(count(script, std::string("INSERT INTO ") + table), 1U) << table;
    EXPECT_EQ(count(script, std::string("UPDATE ") + table), 1U) << table;
  }
  EXPECT_EQ(count(script, "INSERT INTO keys"), 1U);
  EXPECT_EQ(count(script, "INSERT INTO totals"), 1U);
  for (const char* type : {"OrderCreated", "SagaStarted", "PaymentProcessed", "SagaCompleted"})
    EXPECT_EQ(count(script, std::string(", E'") + type + "', E'{"), 1U) << type;
  EXPECT_NE(script.find("generate_series(1, 3)"), std::string::npos);
}

/// A colon before a letter is a variable for pgbench, also within a literal; and a number without a type is an integer of four bytes
/// where it stands beside one.
TEST(UnitBenchPgbench, NamesNoVariablesButItsOwnEachWithItsType) {
  TurnMaker maker(1);
  const std::string script = pgbench_script(maker, 2);
  for (auto at = script.find(':'); at != std::string::npos; at = script.find(':', at + 1)) {
    const std::string_view rest = std::string_view(script).substr(at + 1);
    if (rest.starts_with(":")) {
      ++at;
      continue;
    }
    EXPECT_TRUE(rest.starts_with("n + 1\n") || rest.starts_with("n::bigint") || rest.starts_with("client_id::int")) << rest.substr(0, 40);
  }
}

}  // namespace
}  // namespace edda::bench
