#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <expected>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "otlp/span_json.hpp"
#include "ports/clock.hpp"
#include "ports/log.hpp"
#include "ports/span_sink.hpp"

namespace edda::otlp {

struct ExporterSettings {
  Resource resource = {};
  std::size_t queue_max = 8192;          ///< spans that wait; further ones are dropped
  std::size_t batch_max = 512;           ///< spans in a request; so many that wait go out at once
  milliseconds delay{1'000};             ///< a span waits no longer for others
  milliseconds timeout{10'000};          ///< of a request
  milliseconds pause{1'000};             ///< after one that failed; doubled each time ...
  milliseconds pause_max{30'000};        ///< ... up to this
};

/// Counters since the start, for metrics.
struct ExporterStats {
  std::uint64_t exported = 0;        ///< spans that the collector took
  std::uint64_t dropped = 0;         ///< spans that it will never see
  std::uint64_t failed_batches = 0;  ///< requests that failed, repeats included
};

/// Sends spans to a collector in batches (OTLP over HTTP, as JSON). While the collector is away one batch is tried again and the queue fills;
/// what does not fit is dropped. A batch that it refuses for good is dropped.
///
/// Lifecycle: `run` until it ends, which `stop` brings about.
/// Thread-safety: `take` and `stats` from any thread, and nobody waits there for more than a short lock; everything else on the one thread
/// that runs the executor.
class Exporter final : public SpanSink {
 public:
  /// Sends a body; answers with the HTTP status, or why there is none.
  using Post = std::function<Task<std::expected<int, std::string>>(std::string body, Deadline deadline)>;

  Exporter(boost::asio::any_io_executor executor, Clock& clock, Log& log, ExporterSettings settings, Post post);

  void take(Span span) override;

  Task<void> run();
  /// What waits is sent once more, as far as that succeeds at the first try; then `run` ends.
  void stop();

  ExporterStats stats() const;

 private:
  enum class Verdict { taken, refused, away };

  std::vector<Span> next_batch();
  Task<void> wait(milliseconds how_long);
  Task<void> send(const std::vector<Span>& batch);
  Task<Verdict> try_once(const std::vector<Span>& batch);
  void tell(bool away, const std::string& why);

  Clock& clock_;
  Log& log_;
  const ExporterSettings settings_;
  const Post post_;

  std::mutex mutex_;
  std::vector<Span> queue_;  ///< guarded by mutex_
  std::atomic<std::uint64_t> exported_{0}, dropped_{0}, failed_batches_{0};

  // Of the executor's thread.
  boost::asio::steady_timer timer_;
  bool stopping_ = false;
  bool told_ = false;  ///< that the collector is away
};

}  // namespace edda::otlp
