#include "cluster/node_ports.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>

namespace edda::sim {
namespace {

constexpr Timestamp start_of_time{std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)};
constexpr SteadyTime steady_start{std::chrono::hours(1)};

/// A sleep that a cancellation may end: whoever comes first takes the handler.
struct Sleep {
  std::move_only_function<void()> handler;
  Timer timer;
};

}  // namespace

Timestamp true_time(const Kernel& kernel) {
  return start_of_time + std::chrono::duration_cast<std::chrono::microseconds>(kernel.scheduler.now() - steady_start);
}

SimClock::SimClock(Kernel& kernel, Actor& actor, ClockFault fault)
    : kernel_(kernel), actor_(actor), fault_(fault), born_(kernel.scheduler.now()) {}

std::chrono::nanoseconds SimClock::own(std::chrono::nanoseconds true_span) const {
  return true_span + true_span / 1'000'000 * fault_.drift_ppm;
}

Timestamp SimClock::now() {
  const auto since = own(kernel_.scheduler.now() - born_);
  return start_of_time + std::chrono::duration_cast<std::chrono::microseconds>((born_ - steady_start) + since + fault_.skew);
}

// Steady clocks of different lives start anywhere; what only works when they agree must show.
SteadyTime SimClock::steady_now() {
  return SteadyTime(std::chrono::hours(100 + actor_.number())) + own(kernel_.scheduler.now() - born_);
}

Task<void> SimClock::sleep_until(SteadyTime at) {
  const auto own_span = at - steady_now();
  const auto span = own_span - own_span / 1'000'000 * fault_.drift_ppm + std::chrono::microseconds(1);
  co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(
      [this, span](auto handler) {
        auto slot = boost::asio::get_associated_cancellation_slot(handler);
        auto sleep = std::make_shared<Sleep>();
        sleep->handler = [handler = std::move(handler)]() mutable { std::move(handler)(); };
        auto& scheduler = kernel_.scheduler;
        if (slot.is_connected())
          slot.assign([sleep, &scheduler, actor = &actor_](boost::asio::cancellation_type) {
            if (!sleep->handler) return;
            scheduler.cancel(sleep->timer);
            scheduler.ready(*actor, std::exchange(sleep->handler, nullptr));
          });
        sleep->timer = scheduler.after(actor_, span, "sleep", [sleep, slot]() mutable {
          if (slot.is_connected()) slot.clear();
          if (auto wake = std::exchange(sleep->handler, nullptr)) wake();
        });
      },
      boost::asio::use_awaitable);
}

void SimLog::write(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (!kernel_.trace.keeps_lines()) return;
  kernel_.note(actor_, to_string(level), [&] {
    std::string line(message);
    for (const auto& field : fields) line.append(" ").append(field.name).append("=").append(field.value);
    return line;
  });
}

}  // namespace edda::sim
