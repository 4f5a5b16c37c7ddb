#include "tracing/traced_sink.hpp"

#include "eventsourcing/event_trace.hpp"

namespace edda::tracing {

std::vector<Span> TracedSink::begin(const std::vector<RecordedEvent>& events) {
  std::vector<Span> spans;
  TurnId last;
  for (const RecordedEvent& event : events) {
    if (event.turn == last) continue;
    last = event.turn;
    TraceContext turn = trace_of(event.data);
    if (!turn.sampled) continue;
    turn.span = span_of(event.turn);
    Span& span = spans.emplace_back(tracer_.begin(turn, SpanKind::producer, "send events"));
    span.attributes = {{"messaging.system", "kafka"}, {"messaging.operation.type", "send"}, {"edda.order.id", to_string(event.correlation)}};
  }
  return spans;
}

Task<Result<void>> TracedSink::publish(ShardId shard, std::vector<RecordedEvent> events, Deadline deadline) {
  std::vector<Span> spans = begin(events);
  auto published = co_await sink_.publish(shard, std::move(events), deadline);
  for (Span& span : spans) {
    if (!published) span.failure = published.error().message;
    tracer_.end(std::move(span));
  }
  co_return published;
}

}  // namespace edda::tracing
