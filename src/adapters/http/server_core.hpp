#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <deque>
#include <string>
#include <string_view>

#include "async/task_group.hpp"
#include "http/client_address.hpp"
#include "http/server.hpp"

namespace edda::http {

class Connection;
using ConnectionHook = boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// What the connections of one server share: limits, counts, the sweep over their deadlines, the drain.
/// Thread-safety: the executor's thread only.
class Server::Core {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  Core(boost::asio::any_io_executor executor, Router& router, Clock& clock, Random& random, ServerOptions options);

  Result<void> start();
  Task<void> stop(Deadline deadline);

  const ServerLimits& limits() const { return options_.limits; }
  Router& router() { return router_; }
  Clock& clock() { return clock_; }
  const TrustedProxies& proxies() const { return proxies_; }
  bool draining() const { return draining_; }
  void announce_stop() { stop_announced_ = true; }
  /// The answer that is made now is the last on its connection.
  bool lets_go() const { return draining_ || stop_announced_; }
  std::uint16_t port() const { return port_; }
  /// The Date header's value, made once a second.
  std::string_view date();
  /// 16 hexadecimal digits.
  std::string new_request_id();

  /// A connection enters when it begins and leaves by its list hook; `counts.connections` follows.
  void enter(Connection& connection);

  ServerCounts counts;

 private:
  // The base hook is named, as Connection is not complete here.
  using ConnectionList = boost::intrusive::list<Connection, boost::intrusive::base_hook<ConnectionHook>,
                                                boost::intrusive::constant_time_size<false>>;

  /// A socket that was answered and half-closed without a coroutine of its own: closed at once, the client might lose
  /// the answer.
  struct Parting {
    Socket socket;
    SteadyTime until;
  };

  Result<void> listen();
  Task<void> accept_loop();
  void welcome(Socket socket);
  void turn_away(Socket socket);
  Task<void> serve(Socket socket);
  Task<void> sweep_loop();
  void sweep(SteadyTime now);
  void close_everything();

  boost::asio::any_io_executor executor_;
  Router& router_;
  Clock& clock_;
  Random& random_;
  const ServerOptions options_;
  TrustedProxies proxies_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  ConnectionList connections_;
  std::deque<Parting> partings_;
  boost::asio::steady_timer sweep_timer_;
  boost::asio::steady_timer accept_pause_;
  bool stop_announced_ = false;
  bool draining_ = false;
  bool stopped_ = false;
  Deadline drain_deadline_{SteadyTime::max()};
  std::int64_t date_second_ = 0;
  std::string date_;
  TaskGroup tasks_;   ///< accepting and the connections
  TaskGroup upkeep_;  ///< the sweep, which outlives them
};

}  // namespace edda::http
