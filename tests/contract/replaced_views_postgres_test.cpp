// The replaced system's tables as views: what its reports ask gives what it gave there.
#include <gmock/gmock.h>

#include <thread>

#include "contract/postgres_store_under_test.hpp"
#include "contract/replaced_database.hpp"
#include "import/import.hpp"
#include "postgres/replaced_views.hpp"

namespace edda::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing_support::PostgresDatabase;
using testing_support::SqlRows;

constexpr const char* names[] = {"orders", "payments", "saga_instances", "event_store", "users"};

// Reports see the schema public only.
SqlRows ask(const PostgresDatabase& database, const std::string& statements) {
  return database.sql("SET search_path = public; SET TimeZone = 'UTC'; " + statements);
}

std::string error_of(const PostgresDatabase& database, const std::string& statements) {
  try {
    ask(database, statements);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

std::string kinds(const PostgresDatabase& database) {
  std::string all;
  for (const char* name : names) {
    all += database.sql(fmt::format("SELECT coalesce((SELECT relkind::text FROM pg_class WHERE oid = to_regclass('public.{}')), '-')", name))[0][0];
  }
  return all;
}

class ContractReplacedViews : public testing::Test {
 protected:
  using Old = ReplacedDatabase;

  ContractReplacedViews() {
    old_.add_user(1);
    old_.add_user(2, "admin");
    old_.add_order(1, "paid", "completed", "completed");
    old_.add_order(2, "cancelled", "failed", "compensated");
    old_.add_order(3, "delivered", "completed", "completed");
    ask(old_.database(), "UPDATE orders SET \"paymentId\" = (SELECT id FROM payments WHERE \"orderId\" = orders.id::text AND status = 'completed')");
  }
  static void put(const PostgresDatabase& database) {
    PostgresPool pool(database.address());
    ASSERT_TRUE(await(postgres::migrate(*pool, soon())));
    const auto done = await(postgres::put_replaced_views(*pool, soon()));
    ASSERT_TRUE(done) << done.error().message;
  }
  void import_into(const PostgresDatabase& database) {
    const auto report = import::import_database(
        {.from = old_.address(), .to = database.address(), .time_zone = "UTC", .currency = "USD", .shards = 16}, {});
    ASSERT_TRUE(report) << report.error().message;
    ASSERT_THAT(report->differences, IsEmpty());
  }
  /// The same question to the replaced system and to Edda.
  void expect_the_same(const std::string& query) const {
    SCOPED_TRACE(query);
    const SqlRows there = ask(old_.database(), query);
    EXPECT_THAT(there, Not(IsEmpty()));
    EXPECT_EQ(ask(new_, query), there);
  }

  ReplacedDatabase old_;
  PostgresDatabase new_;
};

TEST_F(ContractReplacedViews, HaveTheColumnsAndTypes) {
  put(new_);
  EXPECT_EQ(kinds(new_), "vvvvv");
  for (const char* name : names) {
    expect_the_same(fmt::format("SELECT column_name, udt_schema, udt_name, data_type FROM information_schema.columns"
                                " WHERE table_schema = 'public' AND table_name = '{}' ORDER BY ordinal_position", name));
  }
  expect_the_same("SELECT t.typname, e.enumlabel FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid ORDER BY t.typname, e.enumsortorder");
}

TEST_F(ContractReplacedViews, SayOfImportedRowsWhatTheTablesSaid) {
  import_into(new_);
  put(new_);
  expect_the_same("SELECT id, \"userId\", \"totalAmount\", status, items::text, \"paymentId\", \"shippingAddress\", metadata, \"nodeId\","
                  " \"createdAt\", \"updatedAt\" FROM orders ORDER BY id");
  expect_the_same("SELECT id, \"orderId\", \"userId\", amount, method, status, \"externalTransactionId\", \"failureReason\", metadata"
                  " FROM payments ORDER BY id");
  expect_the_same("SELECT id, \"sagaType\", status, data ->> 'orderId' FROM saga_instances ORDER BY id");
  expect_the_same("SELECT id, email, \"firstName\", \"lastName\", role, status, \"emailVerified\", \"createdAt\", \"updatedAt\" FROM users ORDER BY id");
  // As reports join them.
  expect_the_same("SELECT o.id, p.id, s.id, u.email FROM orders o JOIN payments p ON p.id::text = o.\"paymentId\""
                  " JOIN saga_instances s ON s.\"correlationId\" = o.\"idempotencyKey\" JOIN users u ON u.id = o.\"userId\" ORDER BY o.id");
  expect_the_same("SELECT count(*) FROM orders WHERE items::text LIKE '%\"productId\": \"X1\"%' AND status = 'paid'");
}

TEST_F(ContractReplacedViews, TellTheEventsAsTheyWereThere) {
  import_into(new_);
  put(new_);
  const auto of = [&](const std::string& aggregate) {
    return ask(new_, fmt::format("SELECT \"eventType\", \"aggregateType\", \"eventData\"::text, version > 0, \"correlationId\" FROM event_store"
                                " WHERE \"aggregateId\" = '{}' ORDER BY \"occurredAt\", version", aggregate));
  };
  const std::string paid = Old::order_id(1);
  EXPECT_THAT(of(paid), ElementsAre(ElementsAre("OrderCreated", "Order",
      fmt::format("{{\"items\": [{{\"price\": 10, \"quantity\": 1, \"productId\": \"X1\", \"productName\": \"n\"}}], \"userId\": \"{}\","
                  " \"orderId\": \"{}\", \"totalAmount\": 10, \"shippingAddress\": \"Seoul\"}}", Old::user_id(1), paid), "t", paid),
      ElementsAre("OrderConfirmed", "Order",
      fmt::format("{{\"orderId\": \"{}\", \"paymentId\": \"{}\", \"totalAmount\": \"10.00\"}}", paid, Old::payment_id(1)), "t", paid)));
  EXPECT_THAT(of(Old::payment_id(1)), ElementsAre(ElementsAre("PaymentProcessed", "Payment",
      fmt::format("{{\"amount\": 10, \"userId\": \"{}\", \"orderId\": \"{}\", \"paymentId\": \"{}\", \"externalTransactionId\": \"ext_tx_1\"}}",
                  Old::user_id(1), paid, Old::payment_id(1)), "t", paid)));
  EXPECT_THAT(of(Old::payment_id(2)), ElementsAre(ElementsAre("PaymentFailed", "Payment", HasSubstr("\"failureReason\": \"Insufficient funds or card declined\""),
                                                              "t", Old::order_id(2))));
  EXPECT_EQ(ask(new_, "SELECT count(*) - count(DISTINCT id) FROM event_store")[0][0], "0");
}

TEST_F(ContractReplacedViews, ShowTimesInTheReadersZone) {
  import_into(new_);
  put(new_);
  EXPECT_EQ(ask(new_, "SET TimeZone = 'Asia/Seoul'; SELECT \"createdAt\" FROM orders WHERE id = '" + Old::order_id(1) + "'")[0][0],
            "2026-02-01 18:01:00.123456");
}

TEST_F(ContractReplacedViews, ShowNoSecret) {
  import_into(new_);
  put(new_);
  EXPECT_THAT(ask(new_, "SELECT DISTINCT password, \"refreshToken\" FROM users"), ElementsAre(ElementsAre("not shown", "")));
}

TEST_F(ContractReplacedViews, RefuseChangesAndSayWhatToDo) {
  put(new_);
  for (const char* name : names) {
    for (const std::string change : {"DELETE FROM {0}", "DELETE FROM {0} WHERE false", "UPDATE {0} SET id = id", "INSERT INTO {0}(id) VALUES (gen_random_uuid())"}) {
      EXPECT_THAT(error_of(new_, fmt::format(fmt::runtime(change), name)), AllOf(HasSubstr("is a view of what Edda keeps"), HasSubstr("HINT")));
    }
  }
  EXPECT_THAT(error_of(new_, "DELETE FROM orders"), AllOf(HasSubstr("DELETE /orders/ID"), HasSubstr("empty database")));
}

TEST_F(ContractReplacedViews, AreMadeOnlyWhereNothingHasTheirName) {
  import_into(old_.database());
  put(old_.database());
  EXPECT_EQ(kinds(old_.database()), "rrrrr");
  const SqlRows before = ask(old_.database(), "SELECT id, status, \"totalAmount\" FROM orders ORDER BY id");
  ask(old_.database(), "CREATE SCHEMA before; ALTER TABLE event_store SET SCHEMA before");
  put(old_.database());
  EXPECT_EQ(kinds(old_.database()), "rrrvr");
  for (const char* name : {"orders", "payments", "saga_instances", "users"}) {
    ask(old_.database(), fmt::format("ALTER TABLE {} SET SCHEMA before", name));
  }
  put(old_.database());
  EXPECT_EQ(kinds(old_.database()), "vvvvv");
  EXPECT_EQ(ask(old_.database(), "SELECT id, status, \"totalAmount\" FROM orders ORDER BY id"), before);
}

TEST_F(ContractReplacedViews, AreMadeOnceWhenNodesStartAtOnce) {
  PostgresPool pool(new_.address());
  ASSERT_TRUE(await(postgres::migrate(*pool, soon())));
  std::vector<std::thread> nodes;
  for (int i = 0; i < 4; ++i) {
    nodes.emplace_back([&] {
      PostgresPool own(new_.address());
      const auto done = await(postgres::put_replaced_views(*own, soon()));
      EXPECT_TRUE(done) << done.error().message;
    });
  }
  for (std::thread& node : nodes) node.join();
  EXPECT_EQ(kinds(new_), "vvvvv");
}

TEST_F(ContractReplacedViews, CanBeReadByWhoMayNotReadTheStore) {
  import_into(new_);
  put(new_);
  ask(new_, "CREATE ROLE reporter; GRANT SELECT ON orders, payments, saga_instances, event_store, users TO reporter");
  for (const char* name : names) {
    EXPECT_THAT(ask(new_, fmt::format("SET ROLE reporter; SELECT * FROM {}", name)), Not(IsEmpty())) << name;
  }
  EXPECT_THAT(error_of(new_, "SET ROLE reporter; SELECT * FROM edda.users"), HasSubstr("permission denied"));
  ask(new_, "REVOKE ALL ON orders, payments, saga_instances, event_store, users FROM reporter; DROP ROLE reporter");
}

TEST_F(ContractReplacedViews, AreLeftAwayWhereTheUserMayNotMakeThem) {
  ask(new_, "CREATE ROLE modest LOGIN; GRANT CREATE ON DATABASE " + new_.name() + " TO modest");
  {
    PostgresPool pool(new_.address() + " user=modest");
    ASSERT_TRUE(await(postgres::migrate(*pool, soon())));
    const auto done = await(postgres::put_replaced_views(*pool, soon()));
    EXPECT_TRUE(done) << done.error().message;
  }
  EXPECT_EQ(kinds(new_), "-----");
  ask(new_, "DROP OWNED BY modest CASCADE; DROP ROLE modest");
}

TEST_F(ContractReplacedViews, AreNothingToImportFrom) {
  put(new_);
  const PostgresDatabase third;
  const auto refused = import::import_database({.from = new_.address(), .to = third.address()}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "replaced_system");
  EXPECT_THAT(refused.error().message, HasSubstr("view"));
}

}  // namespace
}  // namespace edda::test
