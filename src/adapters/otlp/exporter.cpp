#include "otlp/exporter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iterator>
#include <utility>

namespace edda::otlp {
namespace {

/// Source: https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes
bool is_worth_a_retry(int status) { return status == 429 || status == 502 || status == 503 || status == 504; }

}  // namespace

Exporter::Exporter(boost::asio::any_io_executor executor, Clock& clock, Log& log, ExporterSettings settings, Post post)
    : clock_(clock), log_(log), settings_(std::move(settings)), post_(std::move(post)), timer_(std::move(executor)) {}

void Exporter::take(Span span) {
  bool full_batch = false;
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= settings_.queue_max) {
      dropped_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    queue_.push_back(std::move(span));
    full_batch = queue_.size() == settings_.batch_max;
  }
  if (full_batch) boost::asio::post(timer_.get_executor(), [this] { if (!told_) timer_.cancel(); });
}

Task<void> Exporter::run() {
  for (;;) {
    auto batch = next_batch();
    const bool is_full = batch.size() == settings_.batch_max;
    if (!batch.empty()) co_await send(batch);
    if (stopping_ && batch.empty()) co_return;
    if (!is_full) co_await wait(settings_.delay);
  }
}

void Exporter::stop() {
  stopping_ = true;
  timer_.cancel();
}

std::vector<Span> Exporter::next_batch() {
  const std::lock_guard lock(mutex_);
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(std::min(queue_.size(), settings_.batch_max));
  std::vector<Span> batch(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  return batch;
}

/// Ends early when there is a full batch, or at the stop.
Task<void> Exporter::wait(milliseconds how_long) {
  if (stopping_) co_return;
  timer_.expires_after(how_long);
  co_await timer_.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

Task<void> Exporter::send(const std::vector<Span>& batch) {
  for (milliseconds pause = settings_.pause;; pause = std::min(pause * 2, settings_.pause_max)) {
    const Verdict verdict = co_await try_once(batch);
    if (verdict == Verdict::taken) {
      exported_.fetch_add(batch.size(), std::memory_order_relaxed);
      co_return;
    }
    failed_batches_.fetch_add(1, std::memory_order_relaxed);
    if (verdict == Verdict::refused || stopping_) break;
    co_await wait(pause);
  }
  dropped_.fetch_add(batch.size(), std::memory_order_relaxed);
}

Task<Exporter::Verdict> Exporter::try_once(const std::vector<Span>& batch) {
  const auto status = co_await post_(to_json(batch, settings_.resource), clock_.deadline_in(settings_.timeout));
  if (status && *status >= 200 && *status < 300) {
    tell(false, {});
    co_return Verdict::taken;
  }
  tell(true, status ? fmt::format("it answered {}", *status) : status.error());
  co_return status && !is_worth_a_retry(*status) ? Verdict::refused : Verdict::away;
}

/// Once for each time that it goes away or comes back.
void Exporter::tell(bool away, const std::string& why) {
  if (std::exchange(told_, away) == away) return;
  if (away) log_.write(LogLevel::warn, "the traces' collector does not take spans; orders go on", {{"error", why}});
  else log_.write(LogLevel::info, "the traces' collector takes spans again", {});
}

ExporterStats Exporter::stats() const {
  const auto read = [](const std::atomic<std::uint64_t>& counter) { return counter.load(std::memory_order_relaxed); };
  return {read(exported_), read(dropped_), read(failed_batches_)};
}

}  // namespace edda::otlp
