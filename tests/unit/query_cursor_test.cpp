#include "queries/cursor.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace edda::queries {
namespace {

const Uuid one = *parse_uuid("01938c4e-7f3a-7c51-9a3e-5d1f0b2c4a10");
const Uuid two = *parse_uuid("01938c4e-7f3a-7c51-9a3e-5d1f0b2c4a11");

TEST(UnitQueryCursor, EveryPlaceComesBack) {
  const CursorScope scope{'e', one};
  const Positions positions{{0}, {127}, {128}, {std::numeric_limits<std::int64_t>::max()}};
  EXPECT_EQ(parse_positions_cursor(scope, 4, positions_cursor(scope, positions)), positions);
  EXPECT_EQ(parse_number_cursor(scope, number_cursor(scope, 300)), 300);
  const auto place = parse_list_cursor(scope, list_cursor(scope, {from_micros(1'234'567'890'123), two}));
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->created_at, from_micros(1'234'567'890'123));
  EXPECT_EQ(place->id, two);
}

TEST(UnitQueryCursor, ManyShardsFitTheDocumentedLength) {
  const CursorScope scope{'e', one};
  EXPECT_LE(positions_cursor(scope, Positions(64, Position{30'000'000'000})).size(), 512U);
}

TEST(UnitQueryCursor, AnyChangedCharacterIsRefused) {
  const CursorScope scope{'e', one};
  const std::string good = positions_cursor(scope, {{5}, {6}});
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = bad[i] == 'x' ? 'y' : 'x';
    if (bad != good) EXPECT_FALSE(parse_positions_cursor(scope, 2, bad).has_value()) << i;
  }
  for (const std::string& bad : {std::string(), std::string("A"), good + "A", good.substr(1), std::string(5000, 'A')}) {
    EXPECT_FALSE(parse_positions_cursor(scope, 2, bad).has_value()) << bad;
  }
}

TEST(UnitQueryCursor, AnotherListsStoresOrThingsCursorIsRefused) {
  const std::string cursor = number_cursor({'y', one, two}, 5);
  EXPECT_TRUE(parse_number_cursor({'y', one, two}, cursor).has_value());
  EXPECT_FALSE(parse_number_cursor({'v', one, two}, cursor).has_value());
  EXPECT_FALSE(parse_number_cursor({'y', two, two}, cursor).has_value());
  EXPECT_FALSE(parse_number_cursor({'y', one, one}, cursor).has_value());
  EXPECT_FALSE(parse_positions_cursor({'e', one}, 3, positions_cursor({'e', one}, {{1}, {2}})).has_value());
}

}  // namespace
}  // namespace edda::queries
