#include "base/ids.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace edda {
namespace {

TEST(UnitIds, TextOfAUuidIsReadInEitherCaseAndNothingElse) {
  const auto id = parse_uuid("0192F5A0-1234-7abc-8def-0123456789ab");
  ASSERT_TRUE(id);
  EXPECT_EQ(to_string(*id), "0192f5a0-1234-7abc-8def-0123456789ab");
  for (const auto* text : {"", "0192f5a0-1234-7abc-8def-0123456789a", "0192f5a0-1234-7abc-8def-0123456789abc",
                           "0192f5a0x1234-7abc-8def-0123456789ab", "0192f5a0-1234-7abc-8def-0123456789ag"})
    EXPECT_FALSE(parse_uuid(text)) << text;
}

TEST(UnitIds, VersionSevenCarriesItsTimeAndItsShard) {
  const Uuid id = make_uuid_v7(from_micros(0x0102030405'06 * 1000LL), {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, 0xABCD);
  EXPECT_EQ(to_string(id), "01020304-0506-7fff-bfff-ffffffffabcd");
  EXPECT_EQ(shard_of(id, 16), ShardId{0xABCD % 16});
  EXPECT_EQ(shard_of(id, 1), ShardId{0});
}

RC_GTEST_PROP(UnitIds, TextAndBytesAreInverse, (std::array<std::uint8_t, 16> bytes)) {
  const Uuid id{bytes};
  RC_ASSERT(parse_uuid(to_string(id)) == id);
}

}  // namespace
}  // namespace edda
