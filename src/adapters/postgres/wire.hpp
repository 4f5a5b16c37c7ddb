#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>

#include "base/result.hpp"
#include "ports/task.hpp"

struct pg_conn;

namespace edda::postgres {

struct ConnectOptions;

/// libpq's connection, whose socket is waited for with Asio. One operation at a time, each under an Alarm.
/// Thread-safety: none; on its executor.
class Wire {
 public:
  explicit Wire(boost::asio::any_io_executor executor);
  ~Wire();
  Wire(const Wire&) = delete;

  /// Errors: unavailable (reason "database_unreachable", "database_refuses", "store_timeout"). `said` (may be null): the details,
  /// for a log.
  Task<Result<void>> connect(const ConnectOptions& options, std::string* said);

  enum class Want { read, write };
  /// False when the alarm's deadline has passed.
  Task<bool> wait(Want want);
  bool expired() const { return watch_->expired; }
  /// As if the deadline had passed.
  void expire() { watch_->expire(); }

  struct Finish {
    void operator()(pg_conn* link) const;
  };
  std::unique_ptr<pg_conn, Finish> link;

 private:
  /// What outlives the wire, for a timer that has fired already.
  struct Watch {
    explicit Watch(const boost::asio::any_io_executor& executor) : socket(executor), timer(executor) {}
    boost::asio::posix::stream_descriptor socket;  // a duplicate of libpq's: libpq closes its own when it likes
    boost::asio::steady_timer timer;
    std::uint64_t operation = 0;
    bool expired = false;

    void expire() {
      expired = true;
      boost::system::error_code ignored;
      socket.cancel(ignored);
    }
  };

  void watch_socket();

  std::shared_ptr<Watch> watch_;

 public:
  /// Ends the waits of the operation during which it lives when the deadline passes.
  class Alarm {
   public:
    Alarm(Wire& wire, Deadline deadline);
    ~Alarm();
    Alarm(const Alarm&) = delete;

   private:
    std::shared_ptr<Watch> watch_;
  };
};

}  // namespace edda::postgres
