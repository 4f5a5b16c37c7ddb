#include "kafka/event_sink.hpp"

#include "kafka/answer_slot.hpp"

namespace edda::kafka {
namespace {

ProducerSettings producer_settings(FeedSettings settings, std::uint16_t shards) {
  ProducerSettings producer;
  producer.connection = std::move(settings.connection);
  for (const std::string_view topic : feed_topics) producer.topics.push_back({std::string(topic), shards});
  producer.replication = settings.replication;
  producer.waiting_max = settings.waiting_max;
  return producer;
}

}  // namespace

/// A stretch of a shard's log on its way.
class KafkaEventSink::Sending {
 public:
  Sending(Position first, Position last) : first(first), last(last) {}

  const Position first;
  const Position last;
  AnswerSlot<Result<void>> slot;
};

KafkaEventSink::KafkaEventSink(FeedSettings settings, EventStore& store, Log& log)
    : store_(store), generation_(store.info().generation), traced_(settings.traced), producer_(producer_settings(std::move(settings), store.info().shards), log) {}

KafkaEventSink::~KafkaEventSink() = default;

KafkaEventSink::Shard& KafkaEventSink::shard(ShardId id) {
  const std::lock_guard lock(mutex_);
  return shards_[id];
}

Task<Result<void>> KafkaEventSink::publish(ShardId id, std::vector<RecordedEvent> events, Deadline deadline) {
  Shard& of_shard = shard(id);
  CO_TRY_VOID(co_await join(of_shard, events, deadline));
  if (events.empty()) co_return Result<void>{};
  co_return co_await send(of_shard, id, std::move(events), deadline);
}

/// Waits for what is on its way from an earlier try, and takes out of `events` what it has brought there. Without this, each try while the
/// brokers are away would put the same events in once more.
Task<Result<void>> KafkaEventSink::join(Shard& shard, std::vector<RecordedEvent>& events, Deadline deadline) {
  if (!shard.sending || events.empty()) co_return Result<void>{};
  const auto sending = shard.sending;
  const auto ended = co_await sending->slot.wait(deadline);
  if (!ended) co_return fail(Errc::unavailable, "Kafka did not acknowledge the events in time");
  shard.sending.reset();
  // Of a failed one any part may be out: all of it is published again. So is what does not begin where it began.
  if (*ended && events.front().position == sending->first)
    std::erase_if(events, [&](const RecordedEvent& event) { return event.position <= sending->last; });
  co_return Result<void>{};
}

Task<Result<void>> KafkaEventSink::send(Shard& shard, ShardId id, std::vector<RecordedEvent> events, Deadline deadline) {
  const Position first = events.front().position;
  const Position last = events.back().position;
  CO_TRY(auto previous, co_await shard.previous.before(store_, id, first, deadline));
  std::vector<Message> messages;
  messages.reserve(events.size());
  for (RecordedEvent& event : events) {
    const auto topic = topic_of(event.type);
    if (!topic) continue;
    Position& before = previous[static_cast<std::size_t>(*topic)];
    const Position position = event.position;
    messages.push_back(feed_message(std::move(event), *topic, before, generation_, traced_));
    before = position;
  }
  shard.previous.know(Position{last.value + 1}, previous);
  if (messages.empty()) co_return Result<void>{};
  const auto sending = shard.sending = std::make_shared<Sending>(first, last);
  producer_.send(std::move(messages), [sending](Result<void> result) { sending->slot.answer(std::move(result)); });
  const auto ended = co_await sending->slot.wait(deadline);
  if (!ended) co_return fail(Errc::unavailable, "Kafka did not acknowledge the events in time");
  shard.sending.reset();
  if (!*ended) co_return fail(Errc::unavailable, ended->error().message, {}, ended->error().reason);
  co_return Result<void>{};
}

}  // namespace edda::kafka
