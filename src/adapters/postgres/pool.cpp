#include "postgres/pool.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <vector>

#include "postgres/sql_error.hpp"

namespace edda::postgres {

namespace asio = boost::asio;
using std::chrono::steady_clock;

class Pool::Impl final : public Pool::State {
 public:
  Impl(asio::any_io_executor executor, PoolOptions options, Log& log)
      : executor_(std::move(executor)), options_(std::move(options)), log_(log) {}

  asio::any_io_executor executor() const override { return executor_; }
  const PoolOptions& options() const { return options_; }

  Task<Result<std::unique_ptr<Connection>>> take(Deadline deadline, std::string_view statement) override {
    for (;;) {
      if (closed_) co_return fail(Errc::cancelled, "The store is being closed.");
      if (auto connection = take_idle(statement)) co_return connection;
      if (open_ < options_.connections_max && steady_clock::now() >= retry_at_) {
        auto opened = co_await connect(deadline);
        // Where no further connection is to be had, one of those there are will do.
        if (opened || open_ == 0 || opened.error().code != Errc::unavailable) co_return opened;
      } else if (open_ == 0) {
        co_return std::unexpected(last_error_);
      }
      if (waiters_.size() >= options_.waiting_max) co_return fail(Errc::overloaded, "The database is too busy.");
      CO_TRY(auto handed_over, co_await wait(deadline));
      if (handed_over) co_return handed_over;
    }
  }

  void give_back(std::unique_ptr<Connection> connection) override {
    if (closed_ || !connection->usable() || connection->in_transaction()) {
      connection.reset();
      note_one_less();
    } else if (waiters_.empty()) {
      idle_.push_back(std::move(connection));
    } else {
      wake_one(std::move(connection));
    }
  }

  void on_open(OnOpen work) { on_open_ = std::move(work); }

  void close() {
    closed_ = true;
    open_ -= idle_.size();
    idle_.clear();
    while (!waiters_.empty()) wake_one(nullptr);
  }

 private:
  struct Waiter {
    explicit Waiter(const asio::any_io_executor& executor, Deadline deadline) : timer(executor, deadline.at) {}
    asio::steady_timer timer;
    bool told = false;
    std::unique_ptr<Connection> connection;
  };

  // The one that ran the same last; else the one that has been idle longest, which is least likely to be somebody else's.
  std::unique_ptr<Connection> take_idle(std::string_view statement) {
    while (!idle_.empty()) {
      const auto same = std::ranges::find(idle_.rbegin(), idle_.rend(), statement, [](const auto& idle) { return idle->last_statement(); });
      const auto place = same == idle_.rend() ? idle_.begin() : std::prev(same.base());
      auto connection = std::move(*place);
      idle_.erase(place);
      if (connection->still_there()) return connection;
      --open_;
    }
    return nullptr;
  }

  Task<Result<std::unique_ptr<Connection>>> connect(Deadline deadline) {
    ++open_;
    std::string said;
    const Deadline soon{std::min(deadline.at, steady_clock::now() + options_.connect.connect_timeout)};
    auto opened = co_await Connection::open(options_.connect, soon, &said);
    if (opened && on_open_) {
      if (auto ready = co_await on_open_(**opened, soon); !ready) opened = std::unexpected(std::move(ready).error());
    }
    if (opened && !closed_) {
      if (std::exchange(failures_, 0) > 0) log_.write(LogLevel::info, "The database can be reached again.");
      co_return opened;
    }
    if (!opened) note_failure(opened.error(), std::move(said));
    note_one_less();
    if (opened) co_return fail(Errc::cancelled, "The store is being closed.");
    co_return opened;
  }

  // Room for a new connection; and when there is none left, nobody waits for one to be given back.
  void note_one_less() {
    --open_;
    do {
      wake_one(nullptr);
    } while (open_ == 0 && !waiters_.empty());
  }

  void note_failure(const Error& error, std::string said) {
    last_error_ = error;
    const auto shift = std::min(failures_, 16);
    retry_at_ = steady_clock::now() + std::min(options_.backoff_first * (1 << shift), options_.backoff_max);
    if (failures_++ == 0) log_.write(LogLevel::warn, error.message, {{"said", std::move(said)}});
  }

  /// A connection that was given back, or none: then there may be room for a new one.
  Task<Result<std::unique_ptr<Connection>>> wait(Deadline deadline) {
    const auto place = waiters_.emplace(waiters_.end(), std::make_shared<Waiter>(executor_, deadline));
    const auto waiter = *place;
    boost::system::error_code ignored;
    co_await waiter->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    if (waiter->told) co_return std::move(waiter->connection);
    waiters_.erase(place);
    co_return fail(Errc::unavailable, "The database is too busy.", {}, "store_busy");
  }

  void wake_one(std::unique_ptr<Connection> connection) {
    if (waiters_.empty()) {
      if (connection) idle_.push_back(std::move(connection));
      return;
    }
    const auto waiter = std::move(waiters_.front());
    waiters_.pop_front();
    waiter->told = true;
    waiter->connection = std::move(connection);
    waiter->timer.cancel();
  }

  const asio::any_io_executor executor_;
  const PoolOptions options_;
  Log& log_;
  // Touched on the executor only.
  std::vector<std::unique_ptr<Connection>> idle_;
  std::list<std::shared_ptr<Waiter>> waiters_;  // the longest waiting first
  std::size_t open_ = 0;                        // idle, lent or being opened
  int failures_ = 0;                            // to connect, in a row
  steady_clock::time_point retry_at_ = steady_clock::time_point::min();
  Error last_error_;
  OnOpen on_open_;
  bool closed_ = false;
};

Pool::Pool(asio::any_io_executor executor, PoolOptions options, Log& log)
    : state_(std::make_shared<Impl>(std::move(executor), std::move(options), log)) {}

Pool::~Pool() { close(); }

void Pool::close() {
  asio::post(state_->executor(), [state = std::static_pointer_cast<Impl>(state_)] { state->close(); });
}

void Pool::on_open(OnOpen work) {
  asio::post(state_->executor(), [state = std::static_pointer_cast<Impl>(state_), work = std::move(work)]() mutable {
    state->on_open(std::move(work));
  });
}

const ConnectOptions& Pool::connect_options() const { return static_cast<const Impl&>(*state_).options().connect; }

Task<Result<Rows>> Pool::query(std::string_view sql, Params params, Effect effect, Deadline deadline) {
  const auto once = [&](Connection& connection) { return connection.query(sql, params, effect, deadline); };
  auto answer = co_await with(once, deadline, sql);
  // A server that was restarted ends what waited idle; a read is asked anew.
  if (!answer && effect == Effect::read && answer.error().reason == reason_lost) answer = co_await with(once, deadline);
  co_return answer;
}

}  // namespace edda::postgres
