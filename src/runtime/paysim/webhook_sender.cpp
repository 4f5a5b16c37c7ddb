#include "paysim/webhook_sender.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/digest.hpp"
#include "base/json_writer.hpp"
#include "gateway/webhook_signature.hpp"

namespace edda::paysim {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

constexpr std::size_t under_way_max = 10'000;
constexpr int tries_max = 6;
constexpr milliseconds first_pause{200};
constexpr milliseconds receiver_patience{5'000};
// Where no further webhook comes, one that was to come after it is sent all the same.
constexpr milliseconds longest_hold{10'000};

/// The same for every copy of one announcement: by it a receiver drops doubles.
std::string event_id(const Announcement& announcement) {
  const std::array<std::string_view, 3> parts{announcement.kind, announcement.key, announcement.answer.reference};
  return "evt_" + to_hex(digest128(parts));
}

std::string body_of(const std::string& id, const Announcement& announcement, Timestamp at) {
  const auto& answer = announcement.answer;
  JsonWriter json;
  json.begin_object()
      .field("id", id)
      .field("type", fmt::format("{}.{}", announcement.kind, saga::to_string(answer.outcome)))
      .field("created_at", at)
      .field("key", announcement.key)
      .field("status", saga::to_string(answer.outcome));
  if (!answer.reference.empty()) json.field("reference", answer.reference);
  if (!answer.reason.empty()) json.field("reason", answer.reason);
  if (announcement.amount) json.field("amount", *announcement.amount);
  json.end_object();
  return json.take();
}

/// In the list for as long as it lives, however the wait ends.
class Listed {
 public:
  Listed(std::vector<asio::steady_timer*>& list, asio::steady_timer& timer) : list_(list), timer_(timer) { list.push_back(&timer); }
  ~Listed() { std::erase(list_, &timer_); }
  Listed(const Listed&) = delete;
  Listed& operator=(const Listed&) = delete;

 private:
  std::vector<asio::steady_timer*>& list_;
  asio::steady_timer& timer_;
};

}  // namespace

Result<std::unique_ptr<WebhookSender>> WebhookSender::open(asio::any_io_executor executor, Clock& clock, Settings settings) {
  auto endpoint = gateway::parse_endpoint(settings.url);
  if (!endpoint) return fail(Errc::invalid_argument, endpoint.error().message, "--webhook-url");
  return std::unique_ptr<WebhookSender>(new WebhookSender(std::move(executor), clock, *std::move(endpoint), std::move(settings)));
}

WebhookSender::WebhookSender(asio::any_io_executor executor, Clock& clock, gateway::Endpoint endpoint, Settings settings)
    : executor_(executor),
      clock_(clock),
      settings_(std::move(settings)),
      client_(executor, clock, {.endpoint = std::move(endpoint), .connections_max = 8}),
      tasks_(executor) {}

void WebhookSender::announce(const Announcement& announcement) {
  const std::string id = event_id(announcement);
  const auto plan = gateway::plan_of_webhook(id, settings_.faults);
  const std::string body = body_of(id, announcement, clock_.now());
  for (int copy = 0; copy < plan.copies && tasks_.size() < under_way_max; ++copy) tasks_.spawn(deliver(body, plan));
}

Task<void> WebhookSender::deliver(std::string body, gateway::WebhookPlan plan) {
  if (plan.delay.count() > 0) co_await clock_.sleep_until(clock_.steady_now() + plan.delay);
  if (plan.after_the_next) co_await wait_for_the_next();
  milliseconds pause = first_pause;
  for (int tries = 0; tries < tries_max && !tasks_.closed(); ++tries, pause *= 2) {
    if (co_await post(body)) break;
    co_await clock_.sleep_until(clock_.steady_now() + pause);
  }
  for (auto* held : held_) held->cancel();
}

Task<bool> WebhookSender::post(const std::string& body) {
  gateway::HttpCall call{.method = "POST", .target = "", .body = body};
  call.headers.emplace_back(gateway::webhook_signature_header, gateway::sign_webhook(settings_.secret, clock_.now(), body));
  const auto reply = co_await client_.send(std::move(call), clock_.deadline_in(receiver_patience));
  co_return reply && reply->status >= 200 && reply->status < 300;
}

Task<void> WebhookSender::wait_for_the_next() {
  asio::steady_timer timer(executor_, longest_hold);
  const Listed listed(held_, timer);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

Task<void> WebhookSender::stop() {
  tasks_.close();
  tasks_.cancel();
  co_await tasks_.join();
}

}  // namespace edda::paysim
