#pragma once

#include <optional>
#include <string>

#include "ports/clock.hpp"
#include "ports/span_sink.hpp"
#include "tracing/sampler.hpp"

namespace edda::tracing {

/// Makes spans. Where nothing is traced there is no tracer (a null pointer), and contexts that came from outside are passed on as they are.
/// Thread-safety: callable from any thread.
class Tracer {
 public:
  Tracer(SpanSink& sink, Sampler sampler, Clock& clock, Random& random)
      : sink_(sink), sampler_(sampler), clock_(clock), random_(random) {}

  /// The context of a span for a request that came in, `from` what its caller said. Not kept: the caller's own context, so that others hear
  /// of it, or none where the caller has none.
  TraceContext enter(const std::optional<TraceContext>& from);

  /// A span under `parent`, which must be sampled; it begins now.
  Span begin(const TraceContext& parent, SpanKind kind, std::string name);
  /// It ends now.
  void end(Span span);
  /// It ended when it says.
  void record(Span span) { sink_.take(std::move(span)); }

  TraceContext::SpanId new_span_id();
  Clock& clock() { return clock_; }

 private:
  SpanSink& sink_;
  const Sampler sampler_;
  Clock& clock_;
  Random& random_;
};

}  // namespace edda::tracing
