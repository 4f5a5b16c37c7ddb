#include "fault_proxy/proxy.hpp"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace edda::fault_proxy {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Code = boost::system::error_code;

constexpr std::size_t connections_max = 1'024;
constexpr std::size_t line_max = 200;
constexpr std::chrono::seconds command_timeout{5};
constexpr std::chrono::milliseconds accept_pause{20};

/// Has the port, and does not listen yet.
Result<tcp::acceptor> bind_to(const asio::any_io_executor& executor, const Address& address) {
  Code code;
  const auto host = asio::ip::make_address(address.host, code);
  if (code) return fail(Errc::invalid_argument, fmt::format("'{}' is not an address to listen on", address.host));
  const tcp::endpoint at(host, address.port);
  tcp::acceptor acceptor(executor);
  acceptor.open(at.protocol(), code);
  if (!code) acceptor.set_option(tcp::acceptor::reuse_address(true), code);
  if (!code) acceptor.bind(at, code);
  if (code) return fail(Errc::unavailable, fmt::format("cannot listen on {}:{}: {}", address.host, address.port, code.message()));
  return acceptor;
}

Result<tcp::acceptor> listen_on(const asio::any_io_executor& executor, const Address& address) {
  TRY(auto acceptor, bind_to(executor, address));
  Code code;
  acceptor.listen(asio::socket_base::max_listen_connections, code);
  if (code) return fail(Errc::unavailable, fmt::format("cannot listen on {}:{}: {}", address.host, address.port, code.message()));
  return acceptor;
}

}  // namespace

Result<std::unique_ptr<Proxy>> Proxy::open(asio::any_io_executor executor, const Options& options) {
  TRY(auto clients, listen_on(executor, options.listen));
  TRY(auto control, listen_on(executor, options.control));
  return std::unique_ptr<Proxy>(new Proxy(std::move(clients), std::move(control), options));
}

Proxy::Proxy(Acceptor clients, Acceptor control, const Options& options)
    : clients_(std::move(clients)),
      control_(std::move(control)),
      retry_(clients_.get_executor()),
      listen_{options.listen.host, clients_.local_endpoint().port()},
      link_(std::make_shared<Link>(Link{.to = options.to, .seed = options.seed})),
      control_port_(control_.local_endpoint().port()) {}

void Proxy::start() {
  asio::co_spawn(clients_.get_executor(), take_clients(), asio::detached);
  asio::co_spawn(control_.get_executor(), take_commands(), asio::detached);
}

void Proxy::stop() {
  Code ignored;
  clients_.close(ignored);
  control_.close(ignored);
  retry_.cancel();
  cut_all();
}

Task<void> Proxy::take_clients() {
  while (clients_.is_open()) {
    auto [code, client] = co_await clients_.async_accept(as_result);
    if (code && !clients_.is_open()) break;
    if (code) {  // refusing, or out of descriptors
      retry_.expires_after(accept_pause);
      co_await retry_.async_wait(as_result);
      continue;
    }
    const auto relay = std::make_shared<Relay>(link_, std::move(client));
    if (link_->open.size() > connections_max) {
      relay->cut();
    } else {
      relay->start();
    }
  }
}

/// One at a time: a command is a line, and whoever does not send it soon has gone.
Task<void> Proxy::take_commands() {
  while (control_.is_open()) {
    auto [code, commander] = co_await control_.async_accept(as_result);
    if (!code) co_await answer(std::make_shared<tcp::socket>(std::move(commander)));
  }
}

Task<void> Proxy::answer(std::shared_ptr<tcp::socket> commander) {
  asio::steady_timer watchdog(commander->get_executor(), command_timeout);
  watchdog.async_wait([commander](const Code& cancelled) {
    Code ignored;
    if (!cancelled) commander->close(ignored);
  });
  std::string line;
  const auto [code, length] = co_await asio::async_read_until(*commander, asio::dynamic_buffer(line, line_max), '\n', as_result);
  if (!code) {
    const std::string told = obey(std::string_view(line).substr(0, length)) + "\n";
    co_await asio::async_write(*commander, asio::buffer(told), as_result);
  }
  watchdog.cancel();
}

std::string Proxy::obey(std::string_view line) {
  const auto act = apply(line, link_->faults);
  if (!act) return "error " + act.error().message;
  if (*act == Act::cut) {
    link_->cut += link_->open.size();
    cut_all();
  }
  if (const auto done = open_or_close(); !done) return "error " + done.error().message;
  for (Relay* relay : link_->open) relay->wake();
  return fmt::format("ok connections={} accepted={} cut={} up={} down={} faults: {}", link_->open.size(), link_->accepted, link_->cut,
                     link_->bytes[0], link_->bytes[1], to_string(link_->faults));
}

/// While it refuses it keeps the port, for nobody else to take, and does not listen.
Result<void> Proxy::open_or_close() {
  if (std::exchange(refusing_, link_->faults.refusing) == link_->faults.refusing) return {};
  Code code;
  if (refusing_) {
    clients_.close(code);
    TRY(clients_, bind_to(clients_.get_executor(), listen_));
  } else {
    clients_.listen(asio::socket_base::max_listen_connections, code);
    if (code) return fail(Errc::unavailable, code.message());
  }
  return {};
}

void Proxy::cut_all() {
  for (Relay* relay : link_->open) relay->cut();
}

}  // namespace edda::fault_proxy
