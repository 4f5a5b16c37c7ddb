#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/harness.hpp"
#include "http/raw_client.hpp"
#include "http/routes/operations.hpp"
#include "maintenance/task_registry.hpp"
#include "metrics/registry.hpp"
#include "operators/batch_service.hpp"
#include "queries/event_feed.hpp"

namespace edda::http {

inline constexpr std::string_view absent_uuid = "01938c4e-7f3a-7c51-9a3e-5d1f0b2c4a10";

/// A level, and who changed it.
struct FakeLogControl final : LogControl {
  LogLevel least = LogLevel::info;
  std::vector<std::string> changed_by;

  LogLevel level() const override { return least; }
  void set_level(LogLevel level, std::initializer_list<LogField> by) override {
    least = level;
    for (const auto& field : by)
      if (field.name == "by" || field.name == "reason") changed_by.push_back(field.value);
  }
};

/// A test with a whole server, /v1 and the operations routes.
class V1Test : public testing::Test {
 protected:
  V1Test();
  ~V1Test() override;

  /// A body for POST /v1/orders: two of one product, 19.99 USD each.
  static std::string order_body(std::string_view product = "BOOK-1");
  static std::string key(std::string_view value);
  /// Places an order under a fresh key; the answer's JSON.
  boost::json::value place(const Caller& caller, std::string_view product = "BOOK-1");
  /// The same, and waits until it is paid and its saga has ended; as GET shows it then.
  boost::json::value place_paid(const Caller& caller, std::string_view product = "BOOK-1");
  static void wait_for(const Caller& caller, const std::string& path, std::string_view pointer, std::string_view value);
  static std::string etag_of(const boost::json::value& resource);
  /// Expects problem+json with everything a problem has; its code.
  static std::string problem_code(const Answer& answer, int status);

  std::optional<queries::EventFeed> feed;
  std::optional<maintenance::TaskRegistry> tasks;
  std::optional<operators::BatchService> batches;
  std::optional<operators::FeatureLevelService> levels;
  FakeLogControl log_control;
  std::optional<operators::LogLevelService> log_level;
  /// What the routes about the feature level are about: it stands at the first.
  memory::MemoryEventStore level_store{{.shards = 1, .generation = {}, .feature_level = 1}};
  metrics::Registry metrics;
  std::optional<Operations> operations;
  Harness harness;
  Caller kim = harness.sign_up("kim");
  Caller lee = harness.sign_up("lee");
  Caller admin = harness.sign_up("root", Role::admin);
  Caller operator_ = harness.sign_up("op", Role::operator_);
  Caller merchant = harness.sign_up("shop", Role::merchant);

 private:
  int keys_ = 0;
};

/// One open event stream, read as it comes.
class EventStream {
 public:
  struct Event {
    std::string id;
    std::string type;
    boost::json::value data;
  };

  EventStream(const Harness& harness, const Caller& caller, std::string_view target,
              const std::vector<std::string>& headers = {});
  const std::string& head() const { return head_; }
  Event next();
  /// Events up to and including the first of that type.
  std::vector<Event> until(std::string_view type);

 private:
  RawClient client_;
  std::string head_;
};

}  // namespace edda::http
