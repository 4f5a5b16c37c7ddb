#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <condition_variable>
#include <map>
#include <mutex>

#include "gateway/webhook_signature.hpp"
#include "http/server.hpp"
#include "support/paysim_server.hpp"
#include "system/random.hpp"

namespace edda::paysim {
namespace {

using testing_support::PaysimServer;
using testing_support::run_task;
using testing_support::some_deadline;

const std::string secret = "whsec-0123456789";

/// Takes webhooks on a free port, on the thread of `context`.
class Receiver {
 public:
  Receiver() {
    router_.add({.method = http::Method::post, .path = "/hook", .name = "hook", .handler = [this](http::Request& request) {
                   return take(request);
                 }});
    server_ = std::make_unique<http::Server>(context_.get_executor(), router_, clock_, random_, http::ServerOptions{});
    EXPECT_TRUE(server_->start());
    thread_ = std::thread([this] { context_.run(); });
  }
  ~Receiver() {
    boost::asio::co_spawn(context_, server_->stop(clock_.deadline_in(milliseconds(0))), boost::asio::use_future).get();
    work_.reset();
    thread_.join();
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()) + "/hook"; }
  void refuse_next(int times) {
    const std::lock_guard lock(mutex_);
    refusals_ = times;
  }
  /// What came, once that much has come.
  std::vector<boost::json::value> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::minutes(1), [&] { return bodies_.size() >= count; })) << bodies_.size();
    return bodies_;
  }

 private:
  Task<http::Response> take(http::Request& request) {
    const std::lock_guard lock(mutex_);
    EXPECT_TRUE(gateway::verify_webhook(secret, request.header("Edda-Signature").value_or(""), request.body, clock_.now()));
    if (refusals_-- > 0) co_return http::empty(503);
    bodies_.push_back(boost::json::parse(request.body));
    changed_.notify_all();
    co_return http::empty(202);
  }

  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ = boost::asio::make_work_guard(context_);
  system::SystemClock clock_;
  system::SystemRandom random_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<boost::json::value> bodies_;
  int refusals_ = 0;
  std::thread thread_;
};

Options with_webhooks(const Receiver& receiver, gateway::WebhookFaults faults = {}) {
  Options options = PaysimServer::at_once();
  options.webhook_url = receiver.url();
  options.webhook_secret = secret;
  options.webhook_faults = faults;
  return options;
}

std::string text(const boost::json::value& body, const char* member) { return std::string(body.at(member).as_string()); }

TEST(UnitPaysimWebhooks, TellWhatWasDecidedOnceForEachKey) {
  Receiver receiver;
  PaysimServer server(with_webhooks(receiver));
  const auto charged = server.charge("s1/pay/forward");
  server.charge("s1/pay/forward");
  const auto refunded = run_task(server.gateway().refund({"s2/back/forward", charged.reference, Money{500}}, some_deadline()));
  auto bodies = receiver.wait_for(2);
  ASSERT_EQ(bodies.size(), 2U);
  std::ranges::sort(bodies, {}, [](const auto& body) { return text(body, "key"); });
  EXPECT_EQ(text(bodies[0], "type"), "charge.succeeded");
  EXPECT_EQ(text(bodies[0], "key"), "s1/pay/forward");
  EXPECT_EQ(text(bodies[0], "reference"), charged.reference);
  EXPECT_EQ(bodies[0].at("amount").at("amount").as_int64(), 1999);
  EXPECT_EQ(text(bodies[1], "type"), "refund.succeeded");
  EXPECT_EQ(text(bodies[1], "reference"), refunded.reference);
  EXPECT_EQ(bodies[1].at("amount").at("amount").as_int64(), 500);
}

TEST(UnitPaysimWebhooks, ComeTwiceUnderOneId) {
  Receiver receiver;
  PaysimServer server(with_webhooks(receiver, {.double_rate = 1}));
  server.charge("s1/pay/forward");
  const auto bodies = receiver.wait_for(2);
  EXPECT_EQ(text(bodies[0], "id"), text(bodies[1], "id"));
}

/// By key: the id under which a webhook tells of its charge.
std::map<std::string, std::string> event_ids(int keys) {
  Receiver receiver;
  PaysimServer server(with_webhooks(receiver));
  for (int i = 0; i < keys; ++i) server.charge("s" + std::to_string(i) + "/pay/forward");
  std::map<std::string, std::string> ids;
  for (const auto& body : receiver.wait_for(static_cast<std::size_t>(keys))) ids[text(body, "key")] = text(body, "id");
  return ids;
}

TEST(UnitPaysimWebhooks, OneThatIsHeldBackComesAfterTheNext) {
  const gateway::WebhookFaults faults{.reorder_rate = 0.5};
  std::string held;
  std::string next;
  for (const auto& [key, id] : event_ids(20)) (gateway::plan_of_webhook(id, faults).after_the_next ? held : next) = key;
  ASSERT_FALSE(held.empty() || next.empty());
  Receiver receiver;
  PaysimServer server(with_webhooks(receiver, faults));
  server.charge(held);
  server.charge(next);
  const auto bodies = receiver.wait_for(2);
  EXPECT_EQ(text(bodies[0], "key"), next);
  EXPECT_EQ(text(bodies[1], "key"), held);
}

TEST(UnitPaysimWebhooks, AreSentAgainUntilTheyAreTaken) {
  Receiver receiver;
  receiver.refuse_next(2);
  PaysimServer server(with_webhooks(receiver));
  server.charge("s1/pay/forward");
  EXPECT_EQ(receiver.wait_for(1).size(), 1U);
}

TEST(UnitPaysimWebhooks, TellOfAnActThatWasNotAnswered) {
  Receiver receiver;
  Options options = with_webhooks(receiver);
  options.faults.error_rate = 1;
  PaysimServer server(options);
  EXPECT_EQ(server.charge("s1/pay/forward").outcome, saga::Outcome::unknown);
  EXPECT_EQ(text(receiver.wait_for(1)[0], "status"), "succeeded");
}

}  // namespace
}  // namespace edda::paysim
