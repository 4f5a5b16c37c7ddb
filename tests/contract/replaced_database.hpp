#pragma once

#include <fmt/format.h>

#include <fstream>
#include <sstream>
#include <string>

#include "support/postgres_server.hpp"

namespace edda::test {

/// A database as the replaced system makes it, with rows that a test says.
class ReplacedDatabase {
 public:
  ReplacedDatabase() { database_.sql(schema()); }

  const testing_support::PostgresDatabase& database() const { return database_; }
  std::string address() const { return database_.address(); }

  static std::string user_id(int n) { return fmt::format("11111111-1111-4111-8111-{:012x}", n); }
  static std::string order_id(int n) { return fmt::format("22222222-2222-4222-8222-{:012x}", n * 7); }
  static std::string payment_id(int n) { return fmt::format("33333333-3333-4333-8333-{:012x}", n); }
  static std::string saga_id(int n) { return fmt::format("44444444-4444-4444-8444-{:012x}", n); }
  static std::string key(int n) { return fmt::format("{:064x}", n); }

  void add_user(int n, const std::string& role = "customer") {
    database_.sql(fmt::format("INSERT INTO users(id, email, password, \"firstName\", \"lastName\", role, \"createdAt\", \"updatedAt\") VALUES"
                              " ('{}', 'u{}@example.com', '$2b$10$abcdefghijklmnopqrstuuN1kqfC8KcLmGxyz', '민수', 'Kim', '{}',"
                              " '2026-01-01 09:00:00', '2026-01-02 09:00:00')", user_id(n), n, role));
  }
  /// Order `n` of user 1, ten times n dollars; empty: no payment, no saga. It began at n past nine on the second and ended a second later.
  void add_order(int n, const std::string& status, const std::string& payment, const std::string& saga) {
    database_.sql(fmt::format(
        "INSERT INTO orders(id, \"userId\", \"totalAmount\", status, items, \"shippingAddress\", \"idempotencyKey\", \"createdAt\", \"updatedAt\")"
        " VALUES ('{}', '{}', {}, '{}', '[{{\"price\": {}, \"quantity\": 1, \"productId\": \"X{}\", \"productName\": \"n\"}}]', 'Seoul', '{}',"
        " '2026-02-01 09:{:02}:00.123456', '2026-02-01 09:{:02}:01.5')",
        order_id(n), user_id(1), n * 10, status, n * 10, n, key(n), n, n));
    if (!payment.empty()) add_payment(n, n, payment);
    if (!saga.empty()) add_saga(n, n, saga);
  }
  void add_payment(int n, int order, const std::string& status) {
    database_.sql(fmt::format("INSERT INTO payments(id, \"orderId\", \"userId\", amount, status, \"externalTransactionId\", \"failureReason\") VALUES"
                              " ('{}', '{}', '{}', {}, '{}', {}, {})", payment_id(n), order_id(order), user_id(1), order * 10, status,
                              status == "completed" ? fmt::format("'ext_tx_{}'", n) : "NULL",
                              status == "failed" ? "'Insufficient funds or card declined'" : "NULL"));
  }
  void add_saga(int n, int order, const std::string& status) {
    database_.sql(fmt::format("INSERT INTO saga_instances(id, \"sagaType\", \"correlationId\", status, data, \"currentStep\") VALUES"
                              " ('{}', 'OrderProcessingSaga', '{}', '{}', '{{\"orderId\": \"{}\"}}', 'payment_processing')",
                              saga_id(n), key(order), status, order_id(order)));
  }

 private:
  static std::string schema() {
    std::ostringstream text;
    text << std::ifstream(EDDA_SOURCE_DIR "/tests/support/replaced_schema.sql").rdbuf();
    return text.str();
  }

  testing_support::PostgresDatabase database_;
};

}  // namespace edda::test
