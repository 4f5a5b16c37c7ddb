#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/store_driver.hpp"
#include "contract/turn_builder.hpp"
#include "sqlite/store.hpp"
#include "unit/temporary_folder.hpp"

namespace edda {
namespace {

using namespace edda::test;

TEST(UnitSqliteAppend, PlacesAndChargesAnOrder) {
  TemporaryFolder folder;
  auto database = sqlite::Database::open({.folder = folder.path()});
  ASSERT_TRUE(database) << database.error().message;
  auto store = sqlite::SqliteStore::open(**database, {.generation = uuid_of(1)});
  ASSERT_TRUE(store) << store.error().message;
  const OrderIds ids(1);

  const auto placed = await((*store)->append({place(1, ids).key(1).claim(2)}, soon()));
  ASSERT_TRUE(placed) << placed.error().message << placed.error().where;
  ASSERT_TRUE(std::holds_alternative<Appended>(placed->front()));
  const auto charged = await((*store)->append({charge(2, ids)}, soon()));
  ASSERT_TRUE(charged);
  ASSERT_TRUE(std::holds_alternative<Appended>(charged->front()));

  const auto found = await((*store)->find_order(ids.order, soon()));
  ASSERT_TRUE(found) << found.error().message;
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->row.status, OrderStatus::paid);
  EXPECT_EQ((*found)->items.size(), 1U);
  const auto listed = await((*store)->list_orders({.user = ids.user, .statuses = {}, .created_after = {}}, {}, soon()));
  ASSERT_TRUE(listed) << listed.error().message;
  EXPECT_EQ(listed->items.size(), 1U);
  const auto checked = await((*store)->check_log(soon()));
  ASSERT_TRUE(checked) << checked.error().message;
  EXPECT_THAT(checked->findings, testing::ElementsAre());
}

}  // namespace
}  // namespace edda
