#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "ports/clock.hpp"
#include "ports/log.hpp"
#include "tracing/tracer.hpp"

namespace edda::telemetry {

struct TraceSettings {
  std::string url;      ///< that spans are sent to, its path included
  std::string headers;  ///< "name=value,name=value", for the collector
  tracing::Sampler sampler;
  std::string service = "edda";
  std::string node;
  std::size_t queue_max = 8192;
  std::size_t batch_max = 512;
  milliseconds delay{1'000};
  milliseconds timeout{10'000};
};

/// OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: the first is where all signals go, each below a path of its own, the
/// second is taken as it is and comes first. Empty: spans are not exported.
std::string traces_url(const std::string& endpoint, const std::string& traces_endpoint);

/// Counters since the start, for metrics.
struct TraceStats {
  std::uint64_t exported = 0, dropped = 0, failed_batches = 0;
};

/// Spans, and their way to a collector, on a thread of its own.
/// Thread-safety: callable from any thread. The destructor waits two seconds at most for what is still to be sent.
class TraceExport {
 public:
  /// Errors: invalid_argument (the address, or the headers).
  static Result<std::unique_ptr<TraceExport>> open(TraceSettings settings, Clock& clock, Random& random, Log& log);
  ~TraceExport();
  TraceExport(const TraceExport&) = delete;

  tracing::Tracer& tracer();
  TraceStats stats() const;

 private:
  struct Parts;
  explicit TraceExport(std::unique_ptr<Parts> parts);
  const std::unique_ptr<Parts> parts_;
};

}  // namespace edda::telemetry
