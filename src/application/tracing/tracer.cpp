#include "tracing/tracer.hpp"

#include <cstring>
#include <utility>

namespace edda::tracing {

TraceContext Tracer::enter(const std::optional<TraceContext>& from) {
  TraceContext context;
  if (from) {
    context = *from;
    context.sampled = sampler_.parent_based ? from->sampled : sampler_.keeps(from->trace);
    if (!context.sampled) return context;
  } else {
    const std::uint64_t halves[] = {random_.next(), random_.next() | 1};  // never all zero
    std::memcpy(context.trace.data(), halves, sizeof(halves));
    if (!sampler_.keeps(context.trace)) return {};
    context.sampled = true;
  }
  context.span = new_span_id();
  return context;
}

Span Tracer::begin(const TraceContext& parent, SpanKind kind, std::string name) {
  Span span{.context = parent, .parent = parent.span, .kind = kind, .name = std::move(name), .start = clock_.now(), .end = {}};
  span.context.span = new_span_id();
  return span;
}

void Tracer::end(Span span) {
  span.end = clock_.now();
  sink_.take(std::move(span));
}

TraceContext::SpanId Tracer::new_span_id() {
  const std::uint64_t draw = random_.next() | 1;  // never zero
  TraceContext::SpanId id;
  std::memcpy(id.data(), &draw, id.size());
  return id;
}

}  // namespace edda::tracing
