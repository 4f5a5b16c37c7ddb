// Products in the views, and the two things their turns ask of a store: hundreds on one stream in a batch, and keys that answer once.
#include <gmock/gmock.h>

#include "contract/event_store_contract.hpp"
#include "turn/stored_turn.hpp"

namespace edda::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const UserId shop{uuid_of(1, 4)};
const UserId other_shop{uuid_of(2, 4)};

/// One product, driven by the domain and stored turn by turn.
class Product {
 public:
  Product(std::string name, UserId merchant, bool tracked = true) : name_(std::move(name)), merchant_(merchant), tracked_(tracked) {}

  Turn created(std::uint64_t turn, std::int64_t second, std::int64_t on_hand) {
    return next(turn, second, stock::CreateProduct{name_, "The " + name_, merchant_, tracked_, on_hand});
  }
  Turn next(std::uint64_t turn, std::int64_t second, const stock::Command& command) {
    TurnBuilder builder(turn, second);
    const StreamId stream = stream_of(stock::id_of(name_));
    builder.expects(stream, state.version.value);
    std::optional<std::string> key;
    for (const auto& event : *stock::decide(state, command)) {
      builder.event(stream, stock::type_name(event), stock::encode(event));
      state = stock::evolve(std::move(state), event);
      key = stock::command_key(event);
    }
    Turn made = builder;
    made.products = {stock::row_of(state)};
    if (key) made.command = CommandKey{stock::digest_of(*key), 0, stream, made.events.front().version};
    return made;
  }
  Turn reserved(std::uint64_t turn, const std::string& key, std::int64_t quantity) {
    return next(turn, 5, stock::Reserve{key, OrderIds(1).order, quantity});
  }

  stock::State state;

 private:
  std::string name_;
  UserId merchant_;
  bool tracked_;
};

Result<StreamRows> fold_products(const std::vector<RecordedEvent>& stream) {
  auto rows = turn::rows_of_stream(stream);
  if (!rows) return std::unexpected(rows.error());
  return StreamRows{{}, {}, {}, std::move(rows->products)};
}

std::vector<std::string> names_of(const Result<ListPage<ProductRecord>>& page) {
  std::vector<std::string> names;
  if (page)
    for (const auto& record : page->items) names.push_back(record.row.product);
  return names;
}

TEST_P(ContractEventStore, KeepsAProductsRowWithItsEvents) {
  Product lamp("Lamp \"1\"", shop);
  append({lamp.created(1, 3, 5'000)});
  append({lamp.next(2, 7, stock::AdjustStock{-1'500, "broken", shop})});
  const auto found = await(store_->views().find_product(lamp.state.id, soon()));
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->row, stock::row_of(lamp.state));
  EXPECT_EQ((*found)->row.available, 3'500);
  EXPECT_EQ((*found)->created_at, at_second(3));
  EXPECT_EQ((*found)->updated_at, at_second(7));
  EXPECT_EQ(*await(store_->log().product_row(lamp.state.id, soon())), stock::row_of(lamp.state));
  EXPECT_EQ(*await(store_->views().find_product(stock::id_of("no such"), soon())), std::nullopt);
  EXPECT_EQ(*await(store_->log().product_row(stock::id_of("no such"), soon())), std::nullopt);
}

TEST_P(ContractEventStore, ListsProductsNewestFirstByMerchantAndTracking) {
  for (int i = 0; i < 4; ++i) {
    Product product(fmt::format("P-{}", i), i % 2 == 0 ? shop : other_shop, i != 2);
    append({product.created(static_cast<std::uint64_t>(i) + 1, i + 1, 1'000)});
  }
  const auto list = [&](ProductFilter filter, ListWindow window = {}) {
    return await(store_->views().list_products(filter, window, soon()));
  };
  EXPECT_THAT(names_of(list({})), ElementsAre("P-3", "P-2", "P-1", "P-0"));
  EXPECT_THAT(names_of(list({.merchant = shop, .tracked = {}})), ElementsAre("P-2", "P-0"));
  EXPECT_THAT(names_of(list({.merchant = {}, .tracked = false})), ElementsAre("P-2"));
  EXPECT_THAT(names_of(list({.merchant = other_shop, .tracked = false})), IsEmpty());
  const auto page = list({}, {.after = {}, .offset = 0, .limit = 3, .want_total = true});
  EXPECT_TRUE(page->has_more);
  EXPECT_EQ(page->total, 4);
  const ListCursor last{page->items.back().created_at, page->items.back().row.id.value};
  EXPECT_THAT(names_of(list({}, {.after = last, .offset = 0, .limit = 3})), ElementsAre("P-0"));
}

TEST_P(ContractEventStore, TakesHundredsOfReservationsOfOneProductInOneBatch) {
  Product lamp("Lamp", shop);
  std::vector<Turn> batch{lamp.created(1, 1, 1'000'000)};
  for (std::uint64_t i = 0; i < 300; ++i) {
    Turn turn = lamp.reserved(i + 2, fmt::format("key-{}", i), 1'000);
    turn.after = {batch.back().id};
    batch.push_back(std::move(turn));
  }
  for (const auto& outcome : append(batch)) ASSERT_TRUE(std::holds_alternative<Appended>(outcome)) << to_text(outcome);
  EXPECT_EQ((*await(store_->views().find_product(lamp.state.id, soon())))->row.held, 300'000);
}

TEST_P(ContractEventStore, AReservationsKeyAnswersOnce) {
  Product lamp("Lamp", shop);
  append({lamp.created(1, 1, 5'000)});
  append({lamp.reserved(2, "k", 1'000)});
  const auto again = append_one(lamp.reserved(3, "k", 1'000));
  const auto* duplicate = std::get_if<Duplicate>(&again);
  ASSERT_NE(duplicate, nullptr) << to_text(again);
  EXPECT_TRUE(duplicate->same_request);
  EXPECT_EQ(duplicate->version, StreamVersion{3});
}

TEST_P(ContractEventStore, AProductThatExistsIsNotBegunAgain) {
  Product first("Lamp", shop);
  Product second("Lamp", other_shop);
  append({first.created(1, 1, 5'000)});
  const auto outcome = append_one(second.created(2, 2, 1'000));
  EXPECT_TRUE(std::holds_alternative<Conflict>(outcome)) << to_text(outcome);
  EXPECT_EQ((*await(store_->views().find_product(first.state.id, soon())))->row.merchant, shop);
}

TEST_P(ContractStoreUpkeep, RebuildingFindsProductsAsTheyAre) {
  Product lamp("Lamp", shop);
  append({lamp.created(1, 1, 5'000)});
  append({lamp.reserved(2, "k", 1'000)});
  const auto same = await(store_->rebuild().rebuild_views(&fold_products, true, {}, soon()));
  ASSERT_TRUE(same);
  EXPECT_EQ(same->rows_changed, 0);

  Turn lies = lamp.next(3, 9, stock::AdjustStock{1'000, "", shop});
  lies.products.front().available = 1;
  append({lies});
  const auto rebuilt = await(store_->rebuild().rebuild_views(&fold_products, false, {}, soon()));
  ASSERT_TRUE(rebuilt);
  EXPECT_THAT(rebuilt->differences, ElementsAre(fmt::format("product_view {}: available differ", to_string(lamp.state.id))));
  EXPECT_EQ((*await(store_->views().find_product(lamp.state.id, soon())))->row, stock::row_of(lamp.state));
}

}  // namespace
}  // namespace edda::test
