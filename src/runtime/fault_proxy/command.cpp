#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>

#include "fault_proxy/proxy.hpp"

namespace edda::fault_proxy {

int run_fault_proxy(const std::vector<std::string>& arguments) {
  const auto options = parse_options(arguments);
  if (!options) return cli::say(options.error());
  std::signal(SIGPIPE, SIG_IGN);
  boost::asio::io_context io(1);
  const auto proxy = Proxy::open(io.get_executor(), *options);
  if (!proxy) {
    fmt::print(stderr, "edda fault-proxy: {}\n", proxy.error().message);
    return proxy.error().code == Errc::invalid_argument ? 2 : 1;
  }
  (*proxy)->start();
  fmt::print(stderr, "Fault proxy from {}:{} to {}:{}, control {}:{}, seed {}.\n", options->listen.host, (*proxy)->port(),
             options->to.host, options->to.port, options->control.host, (*proxy)->control_port(), options->seed);
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) { (*proxy)->stop(); });
  io.run();
  return 0;
}

}  // namespace edda::fault_proxy
