#pragma once

#include "ports/payment_gateway.hpp"
#include "ports/span_sink.hpp"

namespace edda::tracing {

/// Writes into the span what came of a step or of a call. "Failed" and "unknown" are failures; a no is an answer.
void note(Span& span, const GatewayAnswer& answer);

}  // namespace edda::tracing
