#include "postgres/log_news.hpp"

#include <fmt/format.h>

#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <charconv>
#include <map>
#include <mutex>

namespace edda::postgres {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

// PostgreSQL takes less than 8000 bytes; what does not fit is told the next time.
constexpr std::size_t payload_bytes_max = 7'500;
constexpr std::chrono::seconds send_deadline{2};
constexpr std::chrono::seconds look_again{60};

// "0:17 3:5 @node-1": ends of shards, and who tells.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (bad != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + (end < text.data() + text.size() ? 1 : 0));
  return number;
}

}  // namespace

struct PostgresLogNews::State : std::enable_shared_from_this<State> {
  State(Pool& in, NewsSettings with) : pool(in), settings(std::move(with)), pause(in.executor()), waiting(in.executor()), sent(in.executor(), steady_clock::time_point::max()) {}

  Pool& pool;
  const NewsSettings settings;
  std::mutex mutex;
  std::map<ShardId, Position> untold;  // guarded by mutex
  bool telling = false;                // guarded by mutex

  // Touched on the pool's executor only.
  asio::steady_timer pause;    // of tell_soon
  asio::steady_timer waiting;  // of hear, between two connections
  Connection* listening = nullptr;
  Listener listener;
  asio::steady_timer sent;  // cancelled when nothing is being sent any more
  bool sending = false;
  bool stopped = false;

  std::string take_payload() {
    std::string payload;
    const std::lock_guard lock(mutex);
    while (!untold.empty() && payload.size() < payload_bytes_max) {
      const auto first = untold.begin();
      payload += fmt::format("{}:{} ", first->first.value, first->second.value);
      untold.erase(first);
    }
    if (payload.empty()) telling = false;
    return payload;
  }

  static Task<void> tell_soon(std::shared_ptr<State> self) {
    for (;;) {
      self->pause.expires_after(self->settings.every);
      boost::system::error_code ignored;
      co_await self->pause.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
      if (self->stopped) co_return;
      const std::string payload = self->take_payload();
      if (payload.empty()) co_return;
      self->sending = true;
      co_await self->pool.read("SELECT pg_notify('edda_log', $1)", params(payload + '@' + self->settings.node),
                               Deadline{steady_clock::now() + send_deadline});
      self->sending = false;
      self->sent.cancel();
    }
  }

  void hear(std::string_view payload) {
    const auto by = payload.find('@');
    if (stopped || by == std::string_view::npos || payload.substr(by + 1) == settings.node) return;
    for (std::string_view text = payload.substr(0, by); !text.empty();) {
      const auto shard = take_number(text);
      const auto end = shard ? take_number(text) : std::nullopt;
      if (!end) return;
      listener(ShardId{static_cast<std::uint16_t>(*shard)}, Position{*end});
    }
  }

  static Task<void> listen(std::shared_ptr<State> self) {
    while (!self->stopped) {
      co_await self->listen_once();
      if (self->stopped) co_return;
      self->waiting.expires_after(self->settings.reconnect_after);
      boost::system::error_code ignored;
      co_await self->waiting.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
  }

  Task<void> listen_once() {
    const ConnectOptions& options = pool.connect_options();
    const auto opened = co_await Connection::open(options, Deadline{steady_clock::now() + options.connect_timeout});
    if (!opened || stopped) co_return;
    Connection& connection = **opened;
    connection.on_notice([this](std::string_view payload) { hear(payload); });
    auto heard = co_await connection.execute("LISTEN edda_log", Effect::read, Deadline{steady_clock::now() + send_deadline});
    listening = &connection;
    while (heard && !stopped) heard = co_await connection.wait_for_notices(Deadline{steady_clock::now() + look_again});
    listening = nullptr;
  }

  void stop() {
    stopped = true;
    pause.cancel();
    waiting.cancel();
    if (listening != nullptr) listening->end_wait();
  }
};

PostgresLogNews::PostgresLogNews(Pool& pool, NewsSettings settings)
    : state_(std::make_shared<State>(pool, std::move(settings))) {}

PostgresLogNews::~PostgresLogNews() {
  asio::post(state_->pool.executor(), [state = state_] { state->stop(); });
}

void PostgresLogNews::start(Listener listener) {
  asio::post(state_->pool.executor(), [state = state_, listener = std::move(listener)]() mutable {
    state->listener = std::move(listener);
    asio::co_spawn(state->pool.executor(), State::listen(state), asio::detached);
  });
}

void PostgresLogNews::tell(ShardId shard, Position end) {
  {
    const std::lock_guard lock(state_->mutex);
    Position& known = state_->untold[shard];
    known = std::max(known, end);
    if (std::exchange(state_->telling, true)) return;
  }
  asio::co_spawn(state_->pool.executor(), State::tell_soon(state_), asio::detached);
}

Task<void> PostgresLogNews::stop() {
  const auto stop_there = [](std::shared_ptr<State> state) -> Task<void> {
    state->stop();
    boost::system::error_code ignored;
    while (state->sending) co_await state->sent.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  };
  co_await asio::co_spawn(state_->pool.executor(), stop_there(state_), asio::use_awaitable);
}

}  // namespace edda::postgres
