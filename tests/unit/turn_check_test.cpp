#include "ports/turn_check.hpp"

#include <gtest/gtest.h>

#include "contract/turn_builder.hpp"

namespace edda {
namespace {

using namespace edda::test;

TEST(UnitTurnCheck, TakesUtf8) {
  EXPECT_TRUE(is_storable_text(""));
  EXPECT_TRUE(is_storable_text("plain text that is longer than eight bytes"));
  EXPECT_TRUE(is_storable_text("주문이 접수되었습니다, \xC3\xA9t\xC3\xA9, \xF0\x9F\x93\xA6"));
  EXPECT_TRUE(is_storable_text("\xF4\x8F\xBF\xBF"));
}

TEST(UnitTurnCheck, RefusesWhatIsNoUtf8) {
  EXPECT_FALSE(is_storable_text("\x80"));
  EXPECT_FALSE(is_storable_text("abcdefgh\xC3"));
  EXPECT_FALSE(is_storable_text("\xC0\xAF"));          // overlong
  EXPECT_FALSE(is_storable_text("\xE0\x80\x80"));      // overlong
  EXPECT_FALSE(is_storable_text("\xED\xA0\x80"));      // a surrogate
  EXPECT_FALSE(is_storable_text("\xF4\x90\x80\x80"));  // beyond U+10FFFF
  EXPECT_FALSE(is_storable_text("\xE2\x82("));
}

TEST(UnitTurnCheck, RefusesZeroBytes) {
  EXPECT_FALSE(is_storable_text(std::string_view("\0", 1)));
  EXPECT_FALSE(is_storable_text(std::string_view("12345678\0", 9)));
  EXPECT_FALSE(
      is_storable_text(std::string_view("1234\0"
                                        "678",
                                        8)));
}

TEST(UnitTurnCheck, RefusesAnEventOfMoreThanTheLimit) {
  const StreamId stream = stream_of(OrderIds(1).order);
  TurnBuilder turn(1);
  turn.expects(stream, 0).event(stream, "OrderCreated", std::string(event_data_bytes_max + 1, ' '));
  const auto refused = refuse_turn(turn, 1);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, Errc::invalid_argument);
}

TEST(UnitTurnCheck, RefusesRowsOfStreamsWithoutEvents) {
  Turn turn = place(1, OrderIds(1));
  EXPECT_FALSE(refuse_turn(turn, 1));
  turn.orders.push_back(order_row(OrderIds(2), OrderStatus::pending));
  EXPECT_TRUE(refuse_turn(turn, 1));
}

TEST(UnitTurnCheck, RefusesTwoRowsOfOneStream) {
  Turn turn = place(1, OrderIds(1));
  turn.orders.push_back(turn.orders.front());
  EXPECT_TRUE(refuse_turn(turn, 1));
  Turn other_kind = place(1, OrderIds(1));
  other_kind.payments.front().id = PaymentId{OrderIds(1).order.value};
  EXPECT_TRUE(refuse_turn(other_kind, 1));
}

TEST(UnitTurnCheck, RefusesEventsThatDoNotFollowWhatIsExpected) {
  const StreamId stream = stream_of(OrderIds(1).order);
  EXPECT_FALSE(refuse_turn(TurnBuilder(1).expects(stream, 0).event(stream, "A").event(stream, "B"), 1));
  EXPECT_TRUE(refuse_turn(TurnBuilder(1).event(stream, "A"), 1));
  EXPECT_TRUE(refuse_turn(TurnBuilder(1).expects(stream, 0).expects(stream, 0).event(stream, "A"), 1));
  Turn skips = TurnBuilder(1).expects(stream, 0).event(stream, "A");
  skips.events.front().version.value = 2;
  EXPECT_TRUE(refuse_turn(skips, 1));
}

TEST(UnitTurnCheck, RefusesKeysWithoutEvents) {
  Turn turn = place(1, OrderIds(1)).key(1);
  turn.events.clear();
  turn.orders.clear();
  turn.payments.clear();
  turn.sagas.clear();
  EXPECT_TRUE(refuse_turn(turn, 1));
  turn.command.reset();
  EXPECT_FALSE(refuse_turn(turn, 1));
}

TEST(UnitTurnCheck, RefusesOneKeyNamedTwice) {
  EXPECT_FALSE(refuse_turn(place(1, OrderIds(1)).key(1).claim(2), 1));
  EXPECT_TRUE(refuse_turn(place(1, OrderIds(1)).key(1).claim(1), 1));
  EXPECT_TRUE(refuse_turn(place(1, OrderIds(1)).claim(2).claim(2), 1));
}

}  // namespace
}  // namespace edda
