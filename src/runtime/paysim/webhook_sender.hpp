#pragma once

#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <string>
#include <vector>

#include "async/task_group.hpp"
#include "base/money.hpp"
#include "gateway/http_client.hpp"
#include "gateway/paysim_faults.hpp"
#include "ports/clock.hpp"
#include "ports/payment_gateway.hpp"

namespace edda::paysim {

/// What a webhook tells: a request was decided.
struct Announcement {
  std::string kind;  ///< charge, refund, void
  std::string key;
  GatewayAnswer answer;  ///< succeeded or declined
  std::optional<Money> amount;
};

/// Sends signed webhooks: late, twice and in the wrong order as its faults have it, and again for a while where they are not taken.
/// Bounded: of what is more than ten thousand under way, nothing is sent. What is under way does not survive the process.
/// Thread-safety: all on the one thread that runs the executor.
class WebhookSender {
 public:
  struct Settings {
    std::string url;
    std::string secret;
    gateway::WebhookFaults faults;
  };
  /// Errors: invalid_argument for a URL that is none.
  static Result<std::unique_ptr<WebhookSender>> open(boost::asio::any_io_executor executor, Clock& clock, Settings settings);

  void announce(const Announcement& announcement);
  Task<void> stop();

 private:
  WebhookSender(boost::asio::any_io_executor executor, Clock& clock, gateway::Endpoint endpoint, Settings settings);
  Task<void> deliver(std::string body, gateway::WebhookPlan plan);
  Task<bool> post(const std::string& body);
  Task<void> wait_for_the_next();

  const boost::asio::any_io_executor executor_;
  Clock& clock_;
  const Settings settings_;
  gateway::HttpClient client_;
  TaskGroup tasks_;
  std::vector<boost::asio::steady_timer*> held_;  ///< of webhooks that wait until another was sent
};

}  // namespace edda::paysim
