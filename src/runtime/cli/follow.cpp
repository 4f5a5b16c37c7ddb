#include "cli/follow.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/json.hpp>
#include <csignal>

namespace edda::cli {
namespace {

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler writes it");

constexpr std::array<std::string_view, 4> last_types{"SagaCompleted", "SagaCompensated", "SagaParked", "SagaForceClosed"};

std::string summary_of(const boost::json::value& event) {
  std::string text;
  for (const char* field : {"step", "stepName", "reason", "failureReason", "outcome"}) {
    const auto value = text_at(event, std::string("data.") + field);
    if (!value.empty()) text += fmt::format("{}{}", text.empty() ? "" : ", ", value);
  }
  return text;
}

}  // namespace

void print_event(const Terminal& terminal, const boost::json::value& event) {
  if (terminal.json) return terminal.line(boost::json::serialize(event));
  const auto& at = event.as_object().contains("at") ? "at" : "timestamp";
  const auto type = text_at(event, event.as_object().contains("type") ? "type" : "eventType");
  const auto stream = text_at(event, event.as_object().contains("stream_id") ? "stream_id" : "aggregateId");
  terminal.line(fmt::format("{}  {:<24}  {}  {}", text_at(event, at), type, stream, summary_of(event)));
}

Result<void> follow_story(const Terminal& terminal, const Api& api, const std::string& order_id) {
  const Interruption watching;
  return api.events(
      "/v1/orders/" + percent_encoded(order_id) + "/stream",
      [&](std::string_view type, std::string_view data) {
        boost::system::error_code error;
        const auto event = boost::json::parse(data, error);
        if (!error && event.is_object()) print_event(terminal, event);
        return std::ranges::find(last_types, type) == last_types.end();
      },
      Interruption::none);
}

Interruption::Interruption() {
  const auto note = [](int) { interrupted = true; };
  std::signal(SIGINT, note);
  std::signal(SIGTERM, note);
}
bool Interruption::none() { return !interrupted; }

}  // namespace edda::cli
