#pragma once

#include "ports/event_sink.hpp"
#include "tracing/tracer.hpp"

namespace edda::tracing {

/// A sink whose publishing is a span for each turn whose events are published, under the span of the turn.
/// Thread-safety: as the sink's.
class TracedSink final : public EventSink {
 public:
  /// Both outlive this.
  TracedSink(EventSink& sink, Tracer& tracer) : sink_(sink), tracer_(tracer) {}

  Task<Result<void>> publish(ShardId shard, std::vector<RecordedEvent> events, Deadline deadline) override;

 private:
  std::vector<Span> begin(const std::vector<RecordedEvent>& events);

  EventSink& sink_;
  Tracer& tracer_;
};

}  // namespace edda::tracing
