#pragma once

#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/trace_context.hpp"
#include "eventsourcing/event.hpp"

/// How events remember the trace that they are of: what led to their turn stands as the last field of each one's data, "traceparent". It is
/// there where a trace was, and only then; a release that does not know it passes it over.
namespace edda {

/// Appends `cause` to the JSON object `data`, if it exists. `data` must have a field.
void add_trace(std::string& data, const TraceContext& cause);

/// What led to the turn that the event is of; it does not exist where no trace was.
TraceContext trace_of(std::string_view data);

/// A turn's own span has an id that follows from the turn's: whoever knows the turn can name the span as a parent.
TraceContext::SpanId span_of(TurnId turn);

/// The context in which others hear of the event: what led to its turn. Where no trace was: the order's story as a trace, the turn as a
/// span, so that what consumers record of one order lies together; `sampled_without` says whether they should. Always the same for the same
/// event.
TraceContext published_trace(const RecordedEvent& event, bool sampled_without);

}  // namespace edda
