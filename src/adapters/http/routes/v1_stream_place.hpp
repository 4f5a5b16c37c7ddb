#pragma once

#include <chrono>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "http/routes/operations.hpp"

/// What all event streams (server-sent events) have in common.
namespace edda::http::v1 {

/// The longest silence: shorter than what proxies take for a dead connection.
inline constexpr std::chrono::milliseconds stream_heartbeat{15'000};
inline constexpr std::string_view still_here = ": still here\n\n";
/// A reader that takes nothing for so long is cut off.
inline constexpr std::chrono::milliseconds stream_write_timeout{10'000};

/// One of the places for open streams, given back at its end.
class StreamPlace {
 public:
  /// Errors: overloaded when all are taken.
  static Result<StreamPlace> take(Operations& operations) {
    if (operations.streams_open >= operations.streams_max)
      return fail(Errc::overloaded, "Too many event streams are open.", {}, "too_many_streams");
    return StreamPlace(operations);
  }
  StreamPlace(StreamPlace&& other) noexcept : operations_(std::exchange(other.operations_, nullptr)) {}
  ~StreamPlace() {
    if (operations_ != nullptr) --operations_->streams_open;
  }

 private:
  explicit StreamPlace(Operations& operations) : operations_(&operations) { ++operations.streams_open; }

  Operations* operations_;
};

}  // namespace edda::http::v1
