#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "fault_proxy/options.hpp"
#include "fault_proxy/relay.hpp"
#include "ports/task.hpp"

namespace edda::fault_proxy {

/// Passes connections on, and lets them go wrong as its control port is told. Bounded: 1,024 connections, each with 32 KB; further ones
/// are reset. Lifecycle: open, start, stop; the executor's loop runs out of work then.
/// Thread-safety: all on the one thread that runs the executor, but for the ports, which never change.
class Proxy {
 public:
  /// Both ports listen when it returns. Errors: invalid_argument (not an address to listen on), unavailable (port taken).
  static Result<std::unique_ptr<Proxy>> open(boost::asio::any_io_executor executor, const Options& options);

  void start();
  /// Resets every connection and frees the ports.
  void stop();
  std::uint16_t port() const { return listen_.port; }
  std::uint16_t control_port() const { return control_port_; }

 private:
  using Acceptor = boost::asio::ip::tcp::acceptor;
  Proxy(Acceptor clients, Acceptor control, const Options& options);

  Task<void> take_clients();
  Task<void> take_commands();
  Task<void> answer(std::shared_ptr<boost::asio::ip::tcp::socket> commander);
  std::string obey(std::string_view line);
  Result<void> open_or_close();
  void cut_all();

  Acceptor clients_;
  Acceptor control_;
  boost::asio::steady_timer retry_;
  const Address listen_;
  bool refusing_ = false;
  const std::shared_ptr<Link> link_;
  std::uint16_t control_port_;
};

/// `edda fault-proxy ARGUMENTS`: passes on until SIGINT or SIGTERM. Returns the exit code.
int run_fault_proxy(const std::vector<std::string>& arguments);

}  // namespace edda::fault_proxy
