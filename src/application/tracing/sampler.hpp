#pragma once

#include <optional>
#include <string_view>

#include "base/trace_context.hpp"

namespace edda::tracing {

/// Which traces are kept. The decision is made where a trace begins, and goes with it: to later turns, other nodes, the gateway, workers.
struct Sampler {
  double ratio = 1;          ///< of the traces that begin here
  bool parent_based = true;  ///< what comes with a trace of its own is kept if its caller keeps it, whatever the ratio

  /// Decides by the trace's id alone, so that all who ask about one trace with one ratio agree.
  bool keeps(const TraceContext::TraceId& trace) const;
};

/// By OpenTelemetry's names: "always_on", "always_off", "traceidratio", and each of them behind "parentbased_". nullopt for anything else.
/// Source: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables
std::optional<Sampler> sampler_of(std::string_view name, double ratio);

}  // namespace edda::tracing
