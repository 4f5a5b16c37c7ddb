#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "http/head_check.hpp"
#include "http/request_parser.hpp"
#include "http/response_head.hpp"
#include "http/server_core.hpp"

namespace edda::http {

/// Awaits, and gives the error code as the first of what comes back: nothing is thrown.
inline constexpr auto as_tuple = boost::asio::as_tuple(boost::asio::use_awaitable);

/// One client's connection: reads a request, has it answered, writes the answer with one write, and again.
///
/// It arms no timers: it only notes until when its present phase may last, and the server's sweep ends what is over.
/// Thread-safety: the executor's thread only. Lifetime: lives in the coroutine that runs it.
class Connection : public ConnectionHook {
 public:
  Connection(Server::Core& server, Server::Core::Socket socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Serves until either side closes. Ends early, possibly by an exception of cancellation, when the server stops.
  Task<void> run();

  /// From the sweep: ends the present phase if it is over.
  void expire(SteadyTime now);
  /// From the server's stop: ends waiting for a request, and streams; a request under way is answered.
  void drain();
  /// From the server's stop, at its deadline.
  void close();

 private:
  enum class Phase : std::uint8_t { idle, head, body, handling, writing, parting };
  enum class Read : std::uint8_t { more, ended };

  void enter(Phase phase, SteadyTime until);
  std::string_view unread() const { return std::string_view(input_).substr(input_begin_, input_end_ - input_begin_); }
  void consume(std::size_t bytes);
  Task<Read> read_more();

  /// Each returns false when the connection is over.
  Task<bool> read_head();
  Task<bool> read_body();
  Task<bool> answer();
  Task<bool> send(Response response);
  Task<bool> send_stream(Response response);
  Task<bool> write(std::string_view bytes, SteadyTime until);
  Task<bool> refuse(HeadRefusal refusal);
  Task<void> part();

  Result<void> prepare_request();
  std::uint64_t body_bytes_max() const;
  ResponseFraming framing();
  void forget_large_buffers();

  Server::Core& server_;
  Server::Core::Socket socket_;
  boost::asio::ip::address peer_;

  Phase phase_ = Phase::idle;
  SteadyTime phase_end_ = SteadyTime::max();
  bool timed_out_ = false;
  bool close_after_answer_ = false;
  std::size_t requests_ = 0;

  std::string input_;  ///< bytes [input_begin_, input_end_) have been read and not consumed
  std::size_t input_begin_ = 0;
  std::size_t input_end_ = 0;
  std::string output_;
  Head head_;
  Request request_;
  RequestParser parser_;
  boost::asio::cancellation_signal stream_cancellation_;
};

}  // namespace edda::http
