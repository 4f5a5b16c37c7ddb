// The replaced system's database, as it was made there, imported into either store: everything once, nothing guessed, however often it is
// stopped.
#include <gmock/gmock.h>

#include "contract/postgres_store_under_test.hpp"
#include "contract/replaced_database.hpp"
#include "contract/sqlite_under_test.hpp"
#include "import/import.hpp"
#include "orders/client_key.hpp"
#include "orders/order_service.hpp"
#include "postgres/users.hpp"
#include "unit/temporary_folder.hpp"

namespace edda::test {
namespace {

using maintenance::ImportReport;
using maintenance::LeftOut;
using maintenance::ParkedSaga;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ContractImport : public testing::Test {
 protected:
  using Old = ReplacedDatabase;

  Result<ImportReport> import(const std::string& to = {}, const std::string& time_zone = "UTC") {
    left_out_.clear();
    parked_.clear();
    maintenance::ImportListener listener;
    listener.left_out = [this](const LeftOut& row) { left_out_.push_back(row); };
    listener.parked = [this](const ParkedSaga& saga) { parked_.push_back(saga); };
    return import::import_database({.from = old_.address(), .to = to, .time_zone = time_zone, .currency = "USD", .shards = 16}, listener);
  }
  void fill() {
    old_.add_user(1);
    old_.add_user(2, "admin");
    old_.add_order(1, "paid", "completed", "completed");
    old_.add_order(2, "cancelled", "failed", "compensated");
    old_.add_order(3, "delivered", "completed", "completed");
    old_.add_order(4, "pending", "processing", "started");
  }
  static OrderId order(int n) { return *parse_id<OrderId>(Old::order_id(n)); }
  /// A store made by an import into the replaced system's own database.
  struct Stored {
    explicit Stored(const std::string& address) : pool(address) {}
    PostgresPool pool;
    postgres::PostgresReadModels views{*pool};
    postgres::PostgresUserStore users{*pool};
    std::unique_ptr<postgres::PostgresStore> log = *await(postgres::PostgresStore::open(*pool, {.shards = 16, .generation = uuid_of(1)}, soon()));
  };

  ReplacedDatabase old_;
  std::vector<LeftOut> left_out_;
  std::vector<ParkedSaga> parked_;
};

TEST_F(ContractImport, BringsOverWhatThereIsUnderItsIds) {
  fill();
  const auto report = import();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->differences, IsEmpty());
  EXPECT_FALSE(report->resumed);
  EXPECT_EQ(report->users, 2);
  EXPECT_EQ(report->orders, 4);
  EXPECT_EQ(report->keys, 4);
  EXPECT_THAT(left_out_, IsEmpty());
  ASSERT_THAT(parked_, SizeIs(1));
  EXPECT_EQ(parked_[0].order, order(4));
  EXPECT_EQ(parked_[0].replaced, Old::saga_id(4));

  Stored stored(old_.address());
  const auto paid = *await(stored.views.find_order(order(1), soon()));
  ASSERT_TRUE(paid);
  EXPECT_EQ(paid->row.status, OrderStatus::paid);
  EXPECT_EQ(paid->row.total, Money{1'000});
  EXPECT_EQ(to_string(paid->row.user), Old::user_id(1));
  EXPECT_EQ(to_rfc3339(paid->created_at), "2026-02-01T09:01:00.123Z");
  EXPECT_EQ(to_rfc3339(paid->updated_at), "2026-02-01T09:01:01.500Z");
  EXPECT_EQ(paid->shipping_address, "Seoul");
  ASSERT_THAT(paid->items, SizeIs(1));
  EXPECT_EQ(paid->items[0].product_id, "X1");
  EXPECT_EQ((*await(stored.views.find_order(order(2), soon())))->row.status, OrderStatus::cancelled);
  EXPECT_EQ((*await(stored.views.find_order(order(3), soon())))->row.status, OrderStatus::delivered);

  const auto payment = *await(stored.views.find_payment(paid->row.payment, soon()));
  ASSERT_TRUE(payment);
  EXPECT_EQ(payment->row.external_transaction_id, "ext_tx_1");
  EXPECT_EQ(paid->row.payment.value.low16(), order(1).value.low16());
  const auto alias = *await(stored.log->find_key(orders::alias_claim(Old::payment_id(1)), soon()));
  ASSERT_TRUE(alias);
  EXPECT_EQ(alias->stream, stream_of(paid->row.payment));
  const auto key = *await(stored.log->find_key(orders::order_key_claim(Old::key(1)), soon()));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->stream, stream_of(order(1)));

  const auto user = *await(stored.users.find_user_by_email("u2@example.com", soon()));
  ASSERT_TRUE(user);
  EXPECT_EQ(user->role, Role::admin);
  EXPECT_THAT(user->password_hash, testing::StartsWith("$2b$10$"));
  EXPECT_EQ(to_rfc3339(user->created_at), "2026-01-01T09:00:00.000Z");
}

TEST_F(ContractImport, DoublesNothingWhenItIsRunAgain) {
  fill();
  const auto first = import();
  ASSERT_TRUE(first) << first.error().message;
  const auto events = old_.database().sql("SELECT count(*), max(at) FROM edda.events");
  old_.add_order(5, "paid", "completed", "completed");
  const auto again = import();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->resumed);
  EXPECT_EQ(again->orders, 5);
  EXPECT_THAT(again->differences, IsEmpty());
  EXPECT_EQ(old_.database().sql("SELECT count(*) FROM edda.events WHERE correlation <> '" + Old::order_id(5) + "'")[0][0], events[0][0]);
}

TEST_F(ContractImport, ListsWhatContradictsItselfAndTakesTheRest) {
  fill();
  old_.add_order(5, "paid", "failed", "completed");
  old_.add_order(6, "paid", "completed", "completed");
  old_.add_payment(60, 6, "failed");
  old_.add_payment(99, 90, "completed");
  old_.add_saga(98, 91, "started");
  old_.database().sql("UPDATE orders SET items = '[{\"price\": 1.005, \"quantity\": 1, \"productId\": \"X\", \"productName\": \"n\"}]' WHERE id = '" +
                      Old::order_id(1) + "'");
  const auto report = import();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->differences, IsEmpty());
  EXPECT_EQ(report->orders, 4);
  EXPECT_EQ(report->left_out, 9);
  std::vector<std::string> reasons;
  for (const auto& row : left_out_) reasons.push_back(row.table + " " + row.id + ": " + row.reason);
  EXPECT_THAT(reasons, Contains(HasSubstr("orders " + Old::order_id(5) + ": the order is paid, and no completed payment is")));
  EXPECT_THAT(reasons, Contains(HasSubstr("orders " + Old::order_id(1) + ": items: price 1.005 cannot be kept exactly")));
  EXPECT_THAT(reasons, Contains(HasSubstr("payments " + Old::payment_id(60) + ": a further payment of order")));
  EXPECT_THAT(reasons, Contains(HasSubstr("payments " + Old::payment_id(99) + ": there is no order")));
  EXPECT_THAT(reasons, Contains(HasSubstr("saga_instances " + Old::saga_id(98) + ": there is no order")));

  // What has been put right comes in with the next run.
  old_.database().sql("UPDATE payments SET status = 'completed' WHERE id = '" + Old::payment_id(5) + "'");
  const auto again = import();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->orders, 5);
  EXPECT_THAT(again->differences, IsEmpty());
}

TEST_F(ContractImport, SaysWhatDiffers) {
  fill();
  ASSERT_TRUE(import());
  old_.database().sql("UPDATE edda.order_view SET total_minor = 1 WHERE id = '" + Old::order_id(1) + "'");
  const auto report = import();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->differences, ElementsAre(HasSubstr("orders paid: 1 over 10.00 USD came through the import, 1 over 0.01 USD stand in the store")));
}

TEST_F(ContractImport, ReadsTimesInTheirZone) {
  fill();
  ASSERT_TRUE(import({}, "Asia/Seoul"));
  Stored stored(old_.address());
  EXPECT_EQ(to_rfc3339((*await(stored.views.find_order(order(1), soon())))->created_at), "2026-02-01T00:01:00.123Z");
  const auto refused = import({}, "Asia/Nowhere");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().where, "--timezone");
  old_.database().sql("UPDATE orders SET \"updatedAt\" = timezone('UTC', now())");
  const auto future = import({}, "America/New_York");
  ASSERT_FALSE(future);
  EXPECT_EQ(future.error().where, "--timezone");
  ASSERT_TRUE(import({}, "UTC")) << "the same in the zone that it is";
}

TEST_F(ContractImport, FillsAFolderOfOneMachine) {
  fill();
  const TemporaryFolder folder;
  const auto report = import(folder.path().string());
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->differences, IsEmpty());
  const auto again = import(folder.path().string());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(again->resumed);
  EXPECT_THAT(again->differences, IsEmpty());
}

TEST_F(ContractImport, RefusesAStoreThatHoldsSomethingElseOrIsServed) {
  fill();
  PostgresLog other(16);
  ASSERT_TRUE(await(other.store().append({place(1, OrderIds(16))}, soon())));
  const auto refused = import(other.database().address());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "import_target");

  ASSERT_TRUE(import());
  old_.add_order(5, "paid", "completed", "completed");
  Stored stored(old_.address());
  for (std::uint16_t shard = 0; shard < 16; ++shard) ASSERT_TRUE(await(stored.log->take_over(ShardId{shard}, "node", {}, soon())));
  const auto fenced = import();
  ASSERT_FALSE(fenced);
  EXPECT_EQ(fenced.error().reason, "fenced");
}

TEST_F(ContractImport, SaysWhenTheDatabaseIsAnother) {
  old_.database().sql("DROP TABLE users CASCADE");
  const auto refused = import();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "replaced_system");
  EXPECT_EQ(old_.database().sql("SELECT count(*) FROM pg_namespace WHERE nspname = 'edda'")[0][0], "0");
}

}  // namespace
}  // namespace edda::test
