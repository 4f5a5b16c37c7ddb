#include "kafka/feed_message.hpp"

#include <fmt/format.h>

#include "base/digest.hpp"
#include "eventsourcing/event_id.hpp"

namespace edda::kafka {
namespace {

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
  message.headers = {{"event_id", to_string(event_id(event.stream, event.version))},
                     {"type", event.type},
                     {"stream_version", std::to_string(event.version.value)},
                     {"shard", std::to_string(event.shard.value)},
                     {"position", std::to_string(event.position.value)},
                     {"prev_position", std::to_string(previous.value)},
                     {"generation", to_string(generation)},
                     {"at", to_rfc3339(event.at)},
                     {"turn", to_string(event.turn)},
                     {"correlation", to_string(event.correlation)},
                     {"traceparent", traceparent(event)}};
  if (event.causation) message.headers.emplace_back("causation", to_string(*event.causation));
  return message;
}

}  // namespace edda::kafka
