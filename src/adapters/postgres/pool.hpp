#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>
#include <utility>

#include "ports/log.hpp"
#include "postgres/connection.hpp"

namespace edda::postgres {

struct PoolOptions {
  ConnectOptions connect;
  std::size_t connections_max = 8;
  std::size_t waiting_max = 512;  ///< that wait for a connection; a further one is refused as overloaded
  /// After a failed try to connect, others fail at once for so long; doubled with each failure in a row.
  std::chrono::milliseconds backoff_first{50};
  std::chrono::milliseconds backoff_max{2'000};
};

/// A bounded number of connections, made when they are needed and made anew when they are lost.
/// Thread-safety: callable from any thread; the connections live on the pool's executor, which must run on one thread or be a strand.
/// Lifetime: outlives every call; the log outlives it.
class Pool {
 public:
  Pool(boost::asio::any_io_executor executor, PoolOptions options, Log& log);
  ~Pool();
  Pool(const Pool&) = delete;

  /// Runs `work(Connection&) -> Task<Result<T>>` on the pool's executor with a connection of its own, and resumes the caller on his.
  /// `statement`: what it runs. It gets a connection that ran the same before, where one is idle: there its plans and pages are warm.
  /// Cancelling the caller does not end it: the deadline does. A transaction that `work` leaves open loses its connection.
  /// Errors besides the work's: overloaded (too many wait), unavailable (no connection until the deadline), cancelled (closed).
  template <class Work>
  std::invoke_result_t<Work&, Connection&> with(Work work, Deadline deadline, std::string_view statement = {}) {
    co_return co_await boost::asio::co_spawn(state_->executor(), run(state_, std::move(work), deadline, statement),
                                             boost::asio::use_awaitable);
  }

  /// One statement on a connection of its own.
  Task<Result<Rows>> query(std::string_view sql, Params params, Effect effect, Deadline deadline);
  Task<Result<Rows>> read(std::string_view sql, Params params, Deadline deadline) {
    return query(sql, std::move(params), Effect::read, deadline);
  }
  /// `work(Connection&) -> Task<Result<T>>` in a transaction: see in_transaction().
  template <class Work>
  std::invoke_result_t<Work&, Connection&> transaction(Work work, Deadline deadline, std::string begin = "BEGIN");

  /// Runs on each connection that is opened from now on, before anything else does; one on which it fails is not used.
  using OnOpen = std::function<Task<Result<void>>(Connection&, Deadline)>;
  void on_open(OnOpen work);

  /// Refuses further work and closes idle connections; others close when their work ends. From any thread.
  void close();

  const ConnectOptions& connect_options() const;
  boost::asio::any_io_executor executor() const { return state_->executor(); }

 private:
  class State {
   public:
    virtual ~State() = default;
    virtual boost::asio::any_io_executor executor() const = 0;
    virtual Task<Result<std::unique_ptr<Connection>>> take(Deadline deadline, std::string_view statement) = 0;
    virtual void give_back(std::unique_ptr<Connection> connection) = 0;
  };
  class Impl;

  /// Gives the connection back however the work ends.
  class Loan {
   public:
    Loan(State& state, std::unique_ptr<Connection> connection) : state_(state), connection_(std::move(connection)) {}
    ~Loan() { state_.give_back(std::move(connection_)); }
    Loan(const Loan&) = delete;
    Connection& operator*() { return *connection_; }

   private:
    State& state_;
    std::unique_ptr<Connection> connection_;
  };

  template <class Work>
  static std::invoke_result_t<Work&, Connection&> run(std::shared_ptr<State> state, Work work, Deadline deadline,
                                                      std::string_view statement) {
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    CO_TRY(auto connection, co_await state->take(deadline, statement));
    Loan loan(*state, std::move(connection));
    co_return co_await work(*loan);
  }

  std::shared_ptr<State> state_;
};

template <class Work>
std::invoke_result_t<Work&, Connection&> Pool::transaction(Work work, Deadline deadline, std::string begin) {
  co_return co_await with(
      [work = std::move(work), deadline, begin = std::move(begin)](Connection& connection) mutable {
        return in_transaction(
            connection, [&work, &connection] { return work(connection); }, deadline, begin);
      },
      deadline);
}

}  // namespace edda::postgres
