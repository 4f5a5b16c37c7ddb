#include "eventsourcing/event_trace.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace edda {
namespace {

// A quotation mark within a text stands behind a backslash, so no text can look like this field.
constexpr std::string_view before = R"(,"traceparent":")", after = R"("})";
constexpr std::size_t traceparent_length = 55;

}  // namespace

void add_trace(std::string& data, const TraceContext& cause) {
  if (!cause.exists()) return;
  EDDA_ASSERT(data.size() > 2 && data.back() == '}');
  data.reserve(data.size() + before.size() + traceparent_length + 1);
  data.pop_back();
  data += before;
  append_traceparent(data, cause);
  data += after;
}

TraceContext trace_of(std::string_view data) {
  constexpr std::size_t field_length = before.size() + traceparent_length + after.size();
  if (data.size() < field_length) return {};
  const std::string_view field = data.substr(data.size() - field_length);
  if (!field.starts_with(before) || !field.ends_with(after)) return {};
  return parse_traceparent(field.substr(before.size(), traceparent_length)).value_or(TraceContext{});
}

TraceContext::SpanId span_of(TurnId turn) {
  TraceContext::SpanId span;
  std::copy(turn.value.bytes.begin() + 8, turn.value.bytes.end(), span.begin());
  return span;
}

TraceContext published_trace(const RecordedEvent& event, bool sampled_without) {
  const TraceContext cause = trace_of(event.data);
  return cause.exists() ? cause : TraceContext{event.correlation.value.bytes, span_of(event.turn), sampled_without};
}

}  // namespace edda
