#pragma once

#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "eventsourcing/event.hpp"

/// Events of our log as the replaced system's clients know them.
namespace edda::http::old {

/// "Order", "Payment" or "Saga", by the event's name.
std::string_view aggregate_type(std::string_view event_type);

/// The event's data as JSON: the old shape for the types that had one (amounts as numbers in major units), ours for all
/// others.
std::string event_data(const RecordedEvent& event);

/// A stable name for one event: a UUIDv8 made of its stream and version.
Uuid event_id(const RecordedEvent& event);

}  // namespace edda::http::old
