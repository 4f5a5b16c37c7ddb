#include "stock/stock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "base/uuid_v5.hpp"

namespace edda::stock {
namespace {

UserId merchant() { return UserId{*parse_uuid("0199aaaa-0000-7000-8000-000000000001")}; }
OrderId some_order() { return OrderId{*parse_uuid("0199aaaa-0000-7000-8000-000000000002")}; }

State folded(State state, const std::vector<Event>& events) {
  for (const auto& event : events) state = evolve(std::move(state), event);
  return state;
}
State after(const State& state, const Command& command) {
  const auto decided = decide(state, command);
  EXPECT_TRUE(decided) << to_string(decided.error());
  return decided ? folded(state, *decided) : state;
}
State product(std::int64_t on_hand, bool tracked = true) {
  return after({}, CreateProduct{"P-1", "Lamp", merchant(), tracked, on_hand});
}
template <class E>
const E* only(const std::expected<std::vector<Event>, Rejection>& decided) {
  return decided && decided->size() == 1 ? std::get_if<E>(&decided->front()) : nullptr;
}

TEST(UnitUuidV5, IsTheOneOfTheStandard) {
  const Uuid dns = *parse_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  EXPECT_EQ(to_string(uuid_v5(dns, "www.example.com")), "2ed6657d-e927-568b-95e1-2665a8aea6a2");  // RFC 9562, A.4
}

TEST(UnitStock, AProductsStreamIsToldByItsNameAlone) {
  EXPECT_EQ(id_of("P-1"), id_of("P-1"));
  EXPECT_NE(id_of("P-1"), id_of("p-1"));
  EXPECT_EQ(id_of("P-1").value.bytes[6] >> 4, 5) << "never the id of an order, whatever a client calls it";
}

TEST(UnitStock, CreatedWithWhatIsOnHand) {
  const State state = product(5'000);
  EXPECT_EQ(state.version.value, 2);
  EXPECT_EQ(state.product, "P-1");
  EXPECT_EQ(state.merchant, merchant());
  EXPECT_EQ(state.available, 5'000);
  EXPECT_EQ(product(0).version.value, 1) << "nothing on hand is no adjustment";
  EXPECT_EQ(decide(state, CreateProduct{"P-1", "Other", merchant(), true, 0}).error(), Rejection::already_exists);
  EXPECT_EQ(decide({}, CreateProduct{"P-1", "Lamp", merchant(), true, -1}).error(), Rejection::insufficient_stock);
  EXPECT_EQ(decide({}, CreateProduct{"P-1", "Lamp", merchant(), true, quantity_max + 1}).error(), Rejection::too_much_stock);
}

TEST(UnitStock, ChangedOnlyWhereSomethingChanges) {
  const State state = product(1'000);
  EXPECT_TRUE(decide(state, ChangeProduct{"Lamp", true})->empty());
  EXPECT_TRUE(decide(state, ChangeProduct{})->empty());
  const State renamed = after(state, ChangeProduct{"Desk lamp", {}});
  EXPECT_EQ(renamed.name, "Desk lamp");
  EXPECT_TRUE(renamed.tracked);
  EXPECT_FALSE(after(renamed, ChangeProduct{{}, false}).tracked);
  EXPECT_EQ(decide({}, ChangeProduct{"x", {}}).error(), Rejection::not_found);
}

TEST(UnitStock, AdjustedWithinWhatIsAvailable) {
  const State state = after(product(5'000), Reserve{"k", some_order(), 3'000});
  EXPECT_EQ(after(state, AdjustStock{-2'000, "broken", merchant()}).available, 0);
  EXPECT_EQ(decide(state, AdjustStock{-2'001, "broken", merchant()}).error(), Rejection::insufficient_stock)
      << "what is held belongs to orders";
  EXPECT_EQ(decide(state, AdjustStock{quantity_max, "", merchant()}).error(), Rejection::too_much_stock);
  EXPECT_EQ(decide({}, AdjustStock{1, "", merchant()}).error(), Rejection::not_found);
}

TEST(UnitStock, ReservesWhatIsThereAndStoresTheRefusalOfWhatIsNot) {
  const State state = product(5'000);
  const auto reserved = decide(state, Reserve{"k", some_order(), 5'000});
  ASSERT_NE(only<StockReserved>(reserved), nullptr);
  const State empty = folded(state, *reserved);
  EXPECT_EQ(empty.available, 0);
  EXPECT_EQ(empty.held, 5'000);
  const auto declined = decide(empty, Reserve{"k2", some_order(), 1});
  ASSERT_NE(only<StockReservationDeclined>(declined), nullptr) << "a refusal is an event: its key answers so for ever";
  EXPECT_EQ(only<StockReservationDeclined>(declined)->available, 0);
  EXPECT_EQ(folded(empty, *declined).held, 5'000);
}

TEST(UnitStock, HasNothingToReserveWhereNothingIsTracked) {
  EXPECT_TRUE(decide({}, Reserve{"k", some_order(), 1})->empty());
  EXPECT_TRUE(decide(product(5'000, false), Reserve{"k", some_order(), 1})->empty());
}

TEST(UnitStock, ReleasesByWhatStandsUnderTheKey) {
  const State state = after(product(5'000), Reserve{"k", some_order(), 3'000});
  const auto release = [&](std::optional<Event> answered) { return decide(state, Release{"k", some_order(), std::move(answered)}); };
  const auto released = release(StockReserved{"k", some_order(), 3'000});
  ASSERT_NE(only<StockReleased>(released), nullptr);
  EXPECT_EQ(folded(state, *released).available, 5'000);
  EXPECT_EQ(folded(state, *released).held, 0);
  EXPECT_TRUE(release(StockReservationDeclined{"k", some_order(), 3'000, 0})->empty());
  EXPECT_TRUE(release(StockReservationVoided{"k", some_order()})->empty());
  EXPECT_NE(only<StockReservationVoided>(release({})), nullptr) << "the key is spent, whoever comes with it later";
  EXPECT_TRUE(decide({}, Release{"k", some_order(), {}})->empty()) << "no such product";
  EXPECT_EQ(decide(folded(state, *released), Release{"k", some_order(), StockReserved{"k", some_order(), 3'000}}).error(),
            Rejection::not_held);
}

TEST(UnitStock, ReleasesOfAnUntrackedProductStillGiveBack) {
  const State state = after(after(product(5'000), Reserve{"k", some_order(), 3'000}), ChangeProduct{{}, false});
  EXPECT_EQ(after(state, Release{"k", some_order(), StockReserved{"k", some_order(), 3'000}}).held, 0);
}

TEST(UnitStock, EachAnswerStandsUnderOneCommandKey) {
  EXPECT_EQ(command_key(StockReserved{"k", some_order(), 1}), "k");
  EXPECT_EQ(command_key(StockReservationDeclined{"k", some_order(), 1, 0}), "k");
  EXPECT_EQ(command_key(StockReservationVoided{"k", some_order()}), "k");
  EXPECT_EQ(command_key(StockReleased{"k", some_order(), 1}), release_key("k"));
  EXPECT_EQ(command_key(StockAdjusted{1, "", merchant(), 1}), std::nullopt);
  EXPECT_NE(digest_of("k"), digest_of(release_key("k")));
}

TEST(UnitStock, EventsSurviveTheirEncoding) {
  const std::vector<Event> all{ProductCreated{id_of("P \"1\""), "P \"1\"", "Lamp", merchant(), false},
                               ProductChanged{"Desk lamp", true},
                               StockAdjusted{-1'500, "broken", merchant(), 3'500},
                               StockReserved{"a/b/forward/P-1", some_order(), 2'000},
                               StockReservationDeclined{"k", some_order(), 2'000, 500},
                               StockReservationVoided{"k", some_order()},
                               StockReleased{"k", some_order(), 2'000}};
  for (const auto& event : all) {
    const auto again = decode(type_name(event), encode(event));
    ASSERT_TRUE(again) << type_name(event);
    EXPECT_EQ(again->index(), event.index());
    EXPECT_EQ(encode(*again), encode(event));
  }
  EXPECT_EQ(decode("StockVanished", "{}").error().code, Errc::corrupt);
  EXPECT_EQ(decode("StockReserved", "{}").error().code, Errc::corrupt);
}

TEST(UnitStock, TheRowHoldsTheWholeState) {
  const State state = after(product(5'000), Reserve{"k", some_order(), 3'000});
  const State again = state_of(row_of(state));
  EXPECT_EQ(row_of(again), row_of(state));
  EXPECT_EQ(again.version, state.version);
}

/// What a store does with a decision: the command row of the first answer under a key stands, a second one is a duplicate and writes
/// nothing.
struct Shelf {
  State state;
  std::map<std::string, Event> keys;
  std::int64_t adjusted = 0;
  std::map<std::string, std::int64_t> outstanding;

  void run(const Command& command) {
    const auto decided = decide(state, command);
    if (!decided) return;
    for (const auto& event : *decided) {
      if (const auto key = command_key(event)) {
        if (!keys.try_emplace(*key, event).second) return;
      }
    }
    for (const auto& event : *decided) {
      state = evolve(std::move(state), event);
      if (const auto* a = std::get_if<StockAdjusted>(&event)) adjusted += a->quantity;
      if (const auto* r = std::get_if<StockReserved>(&event)) outstanding[r->key] = r->quantity;
      if (const auto* r = std::get_if<StockReleased>(&event)) outstanding.erase(r->key);
    }
  }
  void release(const std::string& key) {
    const auto found = keys.find(key);
    run(Release{key, some_order(), found == keys.end() ? std::nullopt : std::optional(found->second)});
  }
  std::int64_t held() const {
    std::int64_t sum = 0;
    for (const auto& [key, quantity] : outstanding) sum += quantity;
    return sum;
  }
};

RC_GTEST_PROP(UnitStockProperty, NothingIsLostNegativeOrAnsweredTwice, (std::vector<unsigned> draws)) {
  Shelf shelf;
  shelf.run(CreateProduct{"P-1", "Lamp", merchant(), true, 10'000});
  std::map<std::string, std::size_t> answers;
  for (const unsigned draw : draws) {
    const std::string key = "key-" + std::to_string((draw / 8) % 6);
    const auto quantity = static_cast<std::int64_t>((draw / 64) % 6'000);
    switch (draw % 8) {
      case 0: shelf.run(AdjustStock{quantity, "", merchant()}); break;
      case 1: shelf.run(AdjustStock{-quantity, "", merchant()}); break;
      case 2: shelf.run(ChangeProduct{{}, quantity % 4 != 0}); break;
      case 3:
      case 4: shelf.release(key); break;
      default: shelf.run(Reserve{key, some_order(), 1 + quantity}); break;
    }
    RC_ASSERT(shelf.state.available >= 0);
    RC_ASSERT(shelf.state.held >= 0);
    RC_ASSERT(shelf.state.available + shelf.state.held == shelf.adjusted);
    RC_ASSERT(shelf.state.held == shelf.held());
    for (const auto& [name, event] : shelf.keys)
      RC_ASSERT(answers.try_emplace(name, event.index()).first->second == event.index());
  }
}

// R20: once released, a key reserves nothing, however often and however late it comes.
RC_GTEST_PROP(UnitStockProperty, AReleasedKeyReservesNothingMore, (bool reserved_before, unsigned times)) {
  Shelf shelf;
  shelf.run(CreateProduct{"P-1", "Lamp", merchant(), true, 10'000});
  if (reserved_before) shelf.run(Reserve{"k", some_order(), 1'000});
  for (unsigned i = 0; i <= times % 4; ++i) {
    shelf.release("k");
    shelf.run(Reserve{"k", some_order(), 1'000});
    RC_ASSERT(shelf.state.available == 10'000);
    RC_ASSERT(shelf.state.held == 0);
  }
}

}  // namespace
}  // namespace edda::stock
