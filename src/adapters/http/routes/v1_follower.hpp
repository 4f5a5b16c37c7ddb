#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "http/routes/v1_stream_place.hpp"
#include "http/routes/v1_support.hpp"

namespace edda::http::v1 {

/// One open event stream (server-sent events): follows the log from a place on until its client leaves or the server stops.
///
/// It pulls from the log and never buffers ahead of its reader, so a slow reader costs nothing but its place; one that takes no bytes for
/// ten seconds is cut off (the server counts it) and resumes with Last-Event-ID.
/// Thread-safety: on the I/O thread.
class Follower {
 public:
  /// The `id:` of an event: a cursor behind it. `places` are the positions behind it in all shards.
  using NameEvent = std::function<std::string(const RecordedEvent&, const queries::Positions& places)>;

  /// Errors: overloaded when too many streams are open.
  static Result<Response> open(Context context, queries::Positions from, queries::EventQuery query, NameEvent name);

  Follower(Context context, StreamPlace place, queries::Positions from, queries::EventQuery query, NameEvent name);

  Task<void> run(StreamWriter& writer);

 private:
  Task<bool> send_new_events(StreamWriter& writer);
  Task<bool> send(StreamWriter& writer, std::string_view text);
  std::string render(const queries::EventPage& page);

  Context context_;
  StreamPlace place_;
  queries::Positions at_;
  queries::EventQuery query_;
  NameEvent name_;
  queries::EventFeed::Read read_ = queries::EventFeed::Read::to_the_end;  ///< until the end was reached once
  SteadyTime sent_at_;
};

}  // namespace edda::http::v1
