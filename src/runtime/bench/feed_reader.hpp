#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "bench/histogram.hpp"

namespace edda::bench {

/// Reads a part of the feed as it grows, and compares when an event was committed, by its header, with the time at which it came here.
/// Both clocks are this machine's.
class FeedReader {
 public:
  /// From the ends of the topic's partitions on. Errors: unavailable, invalid_argument.
  static Result<std::unique_ptr<FeedReader>> open(const std::string& broker);
  ~FeedReader();
  FeedReader(const FeedReader&) = delete;

  /// Stops. Microseconds from the commit to here.
  Histogram stop();

 private:
  struct Parts;
  explicit FeedReader(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace edda::bench
