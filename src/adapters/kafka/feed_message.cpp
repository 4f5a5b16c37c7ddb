#include "kafka/feed_message.hpp"

#include <fmt/format.h>

#include "base/digest.hpp"
#include "eventsourcing/event_id.hpp"

namespace edda::kafka {
namespace {

constexpr std::size_t headers_max = 12;

/// https://www.w3.org/TR/trace-context: the trace is the order's story, the parent the turn that this event is of. Always the same for
/// the same event, so that a consumer's span finds its place whichever copy it was made from.
std::string traceparent(const RecordedEvent& event) {
  const auto hex = [](const Uuid& id) {
    std::string text = to_string(id);
    std::erase(text, '-');
    return text;
  };
  return fmt::format("00-{}-{}-01", hex(event.correlation.value), hex(event.turn.value).substr(16));
}

}  // namespace

std::optional<FeedTopic> topic_of(std::string_view type) {
  if (type.starts_with("Order")) return FeedTopic::orders;
  if (type.starts_with("Payment")) return FeedTopic::payments;
  if (type.starts_with("Saga")) return FeedTopic::sagas;
  return std::nullopt;
}

Message feed_message(const RecordedEvent& event, FeedTopic topic, Position previous, const Uuid& generation) {
  Message message{std::string(feed_topics[static_cast<std::size_t>(topic)]), event.shard.value, to_string(event.stream), event.data};
  // One by one, because a list in braces would be copied.
  message.headers.reserve(headers_max);
  message.headers.emplace_back("event_id", to_string(event_id(event.stream, event.version)));
  message.headers.emplace_back("type", event.type);
  message.headers.emplace_back("stream_version", std::to_string(event.version.value));
  message.headers.emplace_back("shard", std::to_string(event.shard.value));
  message.headers.emplace_back("position", std::to_string(event.position.value));
  message.headers.emplace_back("prev_position", std::to_string(previous.value));
  message.headers.emplace_back("generation", to_string(generation));
  message.headers.emplace_back("at", to_rfc3339(event.at));
  message.headers.emplace_back("turn", to_string(event.turn));
  message.headers.emplace_back("correlation", to_string(event.correlation));
  message.headers.emplace_back("traceparent", traceparent(event));
  if (event.causation) message.headers.emplace_back("causation", to_string(*event.causation));
  return message;
}

}  // namespace edda::kafka
