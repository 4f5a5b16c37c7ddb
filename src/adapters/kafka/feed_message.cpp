#include "kafka/feed_message.hpp"

#include <fmt/compile.h>

#include <iterator>
#include <utility>

#include "eventsourcing/event_id.hpp"
#include "eventsourcing/event_trace.hpp"

namespace edda::kafka {
namespace {

constexpr std::size_t headers_max = 12;
constexpr std::size_t headers_text_max = 512;

void append_number(std::string& out, std::int64_t number) { fmt::format_to(std::back_inserter(out), FMT_COMPILE("{}"), number); }

}  // namespace

std::optional<FeedTopic> topic_of(std::string_view type) {
  if (type.starts_with("Order")) return FeedTopic::orders;
  if (type.starts_with("Payment")) return FeedTopic::payments;
  if (type.starts_with("Saga")) return FeedTopic::sagas;
  return std::nullopt;
}

Message feed_message(RecordedEvent event, FeedTopic topic, Position previous, const Uuid& generation, bool traced) {
  const TraceContext trace = published_trace(event, !traced);
  Message message{std::string(feed_topics[static_cast<std::size_t>(topic)]), event.shard.value, to_string(event.stream), std::move(event.data)};
  Headers& headers = message.headers;
  headers.reserve(headers_max, headers_text_max);
  const auto text = [&](std::string_view name, std::string_view value) { headers.add(name, [&](std::string& out) { out += value; }); };
  const auto number = [&](std::string_view name, std::int64_t value) { headers.add(name, [&](std::string& out) { append_number(out, value); }); };
  const auto id = [&](std::string_view name, const Uuid& value) { headers.add(name, [&](std::string& out) { append_text(out, value); }); };
  id("event_id", event_id(event.stream, event.version));
  text("type", event.type);
  number("stream_version", event.version.value);
  number("shard", event.shard.value);
  number("position", event.position.value);
  number("prev_position", previous.value);
  id("generation", generation);
  headers.add("at", [&](std::string& out) { append_rfc3339(out, event.at); });
  id("turn", event.turn.value);
  id("correlation", event.correlation.value);
  headers.add("traceparent", [&](std::string& out) { append_traceparent(out, trace); });
  if (event.causation) id("causation", event.causation->value);
  return message;
}

}  // namespace edda::kafka
