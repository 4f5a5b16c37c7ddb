#include "bench/load.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <deque>
#include <queue>
#include <random>

#include "bench/http_link.hpp"
#include "bench/request_text.hpp"

namespace edda::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using std::chrono::microseconds;

constexpr std::chrono::seconds stragglers{5};        ///< for what is still under way after the window
constexpr std::chrono::milliseconds after_error{10};  ///< a refused client does not come back at once
constexpr std::size_t followers_max = 64;
constexpr std::size_t waiting_max = 1'000'000;       ///< arrivals of the open model that no connection has taken yet

std::uint64_t micros(Clock::duration span) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, std::chrono::duration_cast<microseconds>(span).count()));
}

/// The text after `"name":"`, up to the next quote.
std::string_view text_field(std::string_view json, std::string_view name) {
  const auto at = json.find(name);
  if (at == std::string_view::npos) return {};
  const auto begin = at + name.size();
  return json.substr(begin, json.find('"', begin) - begin);
}

/// The sum of what ended in the answer of GET /saga/maintenance/saga-health.
std::optional<double> ended_sagas(std::string_view json) {
  double sum = 0;
  for (const std::string_view name : {R"("completed":)", R"("compensated":)"}) {
    const auto at = json.find(name);
    if (at == std::string_view::npos) return std::nullopt;
    sum += std::strtod(std::string(json.substr(at + name.size(), 20)).c_str(), nullptr);
  }
  return sum;
}

class LoadLoop {
 public:
  explicit LoadLoop(const LoadPlan& plan) : plan_(plan), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}
  ~LoadLoop() { ::close(epoll_); }

  Result<LoadResult> run();

 private:
  enum class Role { client, follower, counter };
  struct Slot {
    Role role = Role::client;
    HttpLink link = {};
    RequestText request = {};
    std::string token = {};
    bool busy = false;
    bool again = false;  ///< its connection ended under a request
    Time due = {};
    Slot* client = nullptr;  ///< of a follower: who waits for the end, if anybody
  };
  struct Followed {
    std::string order;
    std::string token;  ///< of its owner
    Time due;
    Slot* client;
  };
  /// What is to be sent at a time: a request again after an error, or a follower's next look.
  struct Later {
    Time at;
    Slot* slot;
    bool operator>(const Later& other) const { return at > other.at; }
  };

  Result<void> add(Role role, RequestText request, std::string token = {});
  bool send(Slot& slot, Time now);
  void reconnect(Slot& slot, Time now);
  void on_answer(Slot& slot, Time now);
  void on_client_answer(Slot& slot, Time now);
  void on_follower_answer(Slot& slot, Time now);
  void on_counter_answer(Slot& slot, Time now);
  void follow(Followed order, Time now);
  void next(Slot& client, Time now);
  void arrive(Time now);
  void send_later(Time now);
  void begin_clients(Time now);
  void watch_window(Time now);
  void wait(Time now);
  void error(const std::string& kind, Time now) {
    if (in_window(now)) ++result_.errors[kind];
  }
  bool in_window(Time at) const { return at >= window_begin_ && at < window_end_; }
  bool over(Time now) const;

  const LoadPlan& plan_;
  const int epoll_;
  std::mt19937_64 random_{std::random_device{}()};
  std::deque<Slot> slots_;  // addresses stay
  std::vector<Slot*> idle_clients_;
  std::vector<Slot*> idle_followers_;
  Slot* counter_ = nullptr;
  std::priority_queue<Later, std::vector<Later>, std::greater<>> later_;
  std::deque<Time> arrivals_;
  std::deque<Followed> to_follow_;
  Time window_begin_, window_end_, next_arrival_;
  std::size_t clients_under_way_ = 0, followed_ = 0;
  std::uint64_t placed_ = 0;
  int broken_in_a_row_ = 0;
  bool stopping_ = false;
  enum class Counting { none, before, begun, after, done } counting_ = Counting::none;
  double count_before_ = 0;
  Time counted_at_;
  LoadResult result_;
};

Result<void> LoadLoop::add(Role role, RequestText request, std::string token) {
  Slot& slot = slots_.emplace_back();
  slot.role = role;
  slot.request = std::move(request);
  slot.token = std::move(token);
  TRY_VOID(slot.link.open(plan_.address));
  epoll_event event{.events = EPOLLIN, .data = {.ptr = &slot}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, slot.link.descriptor(), &event);
  return {};
}

bool LoadLoop::send(Slot& slot, Time now) {
  if (slot.link.answer().is_last()) reconnect(slot, now);  // nginx ends each connection after its thousandth request
  if (slot.link.descriptor() < 0) {
    slot.again = true;  // once it can be opened
    return false;
  }
  slot.request.renew_key(random_);
  slot.busy = true;
  slot.again = false;
  if (slot.role == Role::client) ++clients_under_way_;
  if (slot.link.send(slot.request.text())) return true;
  reconnect(slot, now);
  return false;
}

/// A server may close a connection that is idle; only a request that was under way failed, and is sent again.
void LoadLoop::reconnect(Slot& slot, Time now) {
  if (slot.busy) {
    error("connection", now);
    if (slot.role == Role::client) --clients_under_way_;
    ++broken_in_a_row_;
    slot.busy = false;
    slot.again = true;
  }
  if (const auto opened = slot.link.open(plan_.address); !opened) {
    ++broken_in_a_row_;
    stopping_ = stopping_ || broken_in_a_row_ > 100;
    return later_.push({now + after_error, &slot});
  }
  epoll_event event{.events = EPOLLIN, .data = {.ptr = &slot}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, slot.link.descriptor(), &event);
  if (slot.again) later_.push({now + after_error, &slot});
}

void LoadLoop::on_answer(Slot& slot, Time now) {
  slot.busy = false;
  broken_in_a_row_ = 0;
  switch (slot.role) {
    case Role::client: --clients_under_way_; return on_client_answer(slot, now);
    case Role::follower: return on_follower_answer(slot, now);
    case Role::counter: return on_counter_answer(slot, now);
  }
}

void LoadLoop::on_client_answer(Slot& slot, Time now) {
  const int status = slot.link.answer().status();
  const bool good = status >= 200 && status < 300;
  if (in_window(now)) {
    result_.latency.record(micros(now - slot.due));
    if (good) ++result_.good;
  }
  if (!good) {
    error(fmt::format("status {}", status), now);
    return later_.push({now + after_error, &slot});
  }
  ++result_.accepted;
  ++placed_;
  if (plan_.route.empty() && plan_.follow_every > 0 && placed_ % plan_.follow_every == 0) {
    Slot* waits = plan_.one_saga_at_a_time ? &slot : nullptr;
    follow({std::string(text_field(slot.link.answer().body(), R"("id":")")), slot.token, slot.due, waits}, now);
    if (waits != nullptr) return;
  }
  next(slot, now);
}

/// A connection is free: it takes the oldest arrival, or in the closed model asks again at once.
void LoadLoop::next(Slot& client, Time now) {
  if (stopping_) return;
  if (!plan_.rate) {
    client.due = now;
    send(client, now);
  } else if (arrivals_.empty()) {
    idle_clients_.push_back(&client);
  } else {
    client.due = arrivals_.front();
    arrivals_.pop_front();
    send(client, now);
  }
}

void LoadLoop::follow(Followed order, Time now) {
  if (idle_followers_.empty()) return to_follow_.push_back(std::move(order));
  Slot& slot = *idle_followers_.back();
  idle_followers_.pop_back();
  ++followed_;
  slot.due = order.due;
  slot.client = order.client;
  slot.request = RequestText::get("/v1/orders/" + order.order, order.token);
  send(slot, now);
}

void LoadLoop::on_follower_answer(Slot& slot, Time now) {
  const auto& answer = slot.link.answer();
  const auto status = text_field(answer.body(), R"("status":")");
  const bool ended = answer.status() == 200 && (status == "paid" || status == "cancelled");
  if (!ended && answer.status() == 200) return later_.push({now + plan_.look_every, &slot});
  if (!ended) error(fmt::format("following: status {}", answer.status()), now);
  if (ended && in_window(slot.due)) result_.place_to_completed.record(micros(now - slot.due));
  --followed_;
  idle_followers_.push_back(&slot);
  if (!to_follow_.empty()) {
    Followed order = std::move(to_follow_.front());
    to_follow_.pop_front();
    follow(std::move(order), now);
  }
  if (Slot* client = std::exchange(slot.client, nullptr); client != nullptr) {
    if (plan_.between) plan_.between();
    next(*client, Clock::now());
  }
}

void LoadLoop::on_counter_answer(Slot& slot, Time now) {
  const auto count = slot.link.answer().status() == 200 ? ended_sagas(slot.link.answer().body()) : std::nullopt;
  if (!count) {
    counting_ = Counting::done;
  } else if (counting_ == Counting::before) {
    count_before_ = *count;
    counted_at_ = now;
    counting_ = Counting::begun;
  } else {
    const double seconds = std::chrono::duration<double>(now - counted_at_).count();
    result_.sagas_ended_per_second = (*count - count_before_) / seconds;
    counting_ = Counting::done;
  }
}

/// The server's own count of ended sagas, read when the window begins and when it ends, while the load goes on.
void LoadLoop::watch_window(Time now) {
  const bool orders_done = plan_.orders_max > 0 && placed_ >= plan_.orders_max;
  if (orders_done && now < window_end_) window_end_ = now;
  if (counter_ != nullptr && counting_ == Counting::none && now >= window_begin_) {
    counting_ = Counting::before;
    send(*counter_, now);
  }
  if (now < window_end_) return;
  if (counting_ == Counting::begun) {
    counting_ = Counting::after;
    send(*counter_, now);
  }
  const bool counted = counter_ == nullptr || counting_ == Counting::done || counting_ == Counting::none;
  stopping_ = stopping_ || counted || now >= window_end_ + std::chrono::seconds(1);
}

void LoadLoop::arrive(Time now) {
  if (!plan_.rate || stopping_ || now >= window_end_) return;
  const auto gap = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / *plan_.rate));
  for (; next_arrival_ <= now; next_arrival_ += gap) {
    if (arrivals_.size() >= waiting_max) error("late", now);
    else arrivals_.push_back(next_arrival_);
  }
  while (!arrivals_.empty() && !idle_clients_.empty()) {
    Slot& client = *idle_clients_.back();
    idle_clients_.pop_back();
    next(client, now);
  }
}

void LoadLoop::send_later(Time now) {
  while (!later_.empty() && later_.top().at <= now) {
    Slot& slot = *later_.top().slot;
    later_.pop();
    if (slot.link.descriptor() < 0) {
      reconnect(slot, now);
    } else if (slot.role == Role::client) {
      next(slot, now);
    } else {
      send(slot, now);
    }
  }
}

bool LoadLoop::over(Time now) const {
  if (!stopping_) return false;
  const bool quiet = clients_under_way_ == 0 && followed_ == 0 && to_follow_.empty();
  return quiet || now >= window_end_ + stragglers || broken_in_a_row_ > 100;
}

void LoadLoop::wait(Time now) {
  Time until = now + std::chrono::milliseconds(50);
  if (!later_.empty()) until = std::min(until, later_.top().at);
  if (plan_.rate && !stopping_) until = std::min(until, next_arrival_);
  const auto left = std::max<Clock::duration>(until - now, Clock::duration::zero());
  const auto nanos = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
  const timespec limit{nanos / 1'000'000'000, nanos % 1'000'000'000};
  std::array<epoll_event, 128> events;
  const int count = ::epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &limit, nullptr);
  for (int i = 0; i < count; ++i) {
    Slot& slot = *static_cast<Slot*>(events[static_cast<std::size_t>(i)].data.ptr);
    const auto state = slot.link.receive();
    if (state == AnswerReader::State::incomplete) continue;
    const Time at = Clock::now();
    if (state == AnswerReader::State::whole && slot.busy) on_answer(slot, at);
    else reconnect(slot, at);
  }
}

void LoadLoop::begin_clients(Time now) {
  for (Slot& slot : slots_) {
    if (slot.role == Role::follower) idle_followers_.push_back(&slot);
    if (slot.role == Role::counter) counter_ = &slot;
  }
  for (Slot& slot : slots_)
    if (slot.role == Role::client) next(slot, now);
}

Result<LoadResult> LoadLoop::run() {
  const bool placing = plan_.route.empty();
  for (std::size_t i = 0; i < plan_.connections; ++i) {
    const std::string token = plan_.with_token ? plan_.tokens.at(i % plan_.tokens.size()) : "";
    TRY_VOID(add(Role::client, placing ? RequestText::place_order(token, plan_.product) : RequestText::get(plan_.route, token), token));
  }
  for (std::size_t i = 0; plan_.follow_every > 0 && i < followers_max; ++i) TRY_VOID(add(Role::follower, {}));
  if (placing) TRY_VOID(add(Role::counter, RequestText::get("/saga/maintenance/saga-health", plan_.tokens.front())));
  Time now = Clock::now();
  window_begin_ = now + plan_.warm_up;
  window_end_ = window_begin_ + plan_.duration;
  next_arrival_ = now;
  begin_clients(now);
  while (!over(now)) {
    watch_window(now);
    arrive(now);
    send_later(now);
    wait(now);
    now = Clock::now();
  }
  if (broken_in_a_row_ > 100) return fail(Errc::unavailable, "the server no longer answers; look at its log");
  result_.seconds = std::chrono::duration<double>(window_end_ - window_begin_).count();
  result_.lost_sight = followed_ + to_follow_.size();
  if (!arrivals_.empty()) result_.errors["late"] += arrivals_.size();
  return std::move(result_);
}

}  // namespace

Result<LoadResult> run_load(const LoadPlan& plan) { return LoadLoop(plan).run(); }

}  // namespace edda::bench
