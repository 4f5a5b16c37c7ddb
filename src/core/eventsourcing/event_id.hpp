#pragma once

#include "base/ids.hpp"

namespace edda {

/// An event's id for other systems. It is not stored: it follows from the event's place in its stream, which never changes.
Uuid event_id(StreamId stream, StreamVersion version);

}  // namespace edda
