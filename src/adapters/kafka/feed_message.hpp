#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "eventsourcing/event.hpp"
#include "kafka/producer.hpp"

/// How an event stands in the feed (docs/feed.md).
namespace edda::kafka {

enum class FeedTopic : std::size_t { orders, payments, sagas };
inline constexpr std::array<std::string_view, 3> feed_topics{"order-events", "payment-events", "saga-events"};

/// Where events of this type go; nullopt for what the feed leaves out: products and their stock.
/// What no release wrote yet is left out too; a node that does not know a type of the log publishes nothing of that shard (R23).
std::optional<FeedTopic> topic_of(std::string_view type);

/// `previous`: the last position of the event's shard in the same topic; 0 before the first. `traced`: as in FeedSettings.
Message feed_message(RecordedEvent event, FeedTopic topic, Position previous, const Uuid& generation, bool traced);

}  // namespace edda::kafka
