#include "http/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/write.hpp>

#include "base/assert.hpp"
#include "http/connection.hpp"
#include "http/problem.hpp"
#include "http/server_core.hpp"

namespace edda::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::size_t partings_max = 128;
constexpr std::chrono::milliseconds busy_parting_time{1'000};
constexpr std::chrono::milliseconds accept_pause{50};
constexpr std::chrono::milliseconds sweep_interval_min{5};
constexpr std::chrono::milliseconds sweep_interval_max{250};

// The same for everybody, so that turning a client away allocates nothing.
std::string_view too_many_connections() {
  static const std::string answer = [] {
    const Request request;
    const Response response = render(request, Problem{.status = 503, .detail = "There are too many connections."});
    return fmt::format(
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: {}\r\nContent-Length: {}\r\nRetry-After: 1\r\n"
        "Connection: close\r\n\r\n{}",
        response.content_type, response.body.size(), response.body);
  }();
  return answer;
}

std::chrono::milliseconds sweep_interval(const ServerLimits& limits) {
  const auto shortest = std::min({limits.head_timeout, limits.body_timeout, limits.idle_timeout, limits.write_timeout});
  return std::clamp(shortest / 4, sweep_interval_min, sweep_interval_max);
}

}  // namespace

Server::Core::Core(asio::any_io_executor executor, Router& router, Clock& clock, Random& random, ServerOptions options)
    : executor_(executor),
      router_(router),
      clock_(clock),
      random_(random),
      options_(std::move(options)),
      acceptor_(executor),
      sweep_timer_(executor),
      accept_pause_(executor),
      tasks_(executor),
      upkeep_(executor) {}

Result<void> Server::Core::start() {
  TRY(proxies_, TrustedProxies::parse(options_.trusted_proxies));
  TRY_VOID(listen());
  tasks_.spawn(accept_loop());
  upkeep_.spawn(sweep_loop());
  return {};
}

Result<void> Server::Core::listen() {
  error_code error;
  const auto address = asio::ip::make_address(options_.address, error);
  if (error) return fail(Errc::invalid_argument, fmt::format("'{}' is no IP address to listen on.", options_.address));
  const tcp::endpoint endpoint(address, options_.port);
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
  if (!error) port_ = acceptor_.local_endpoint(error).port();
  if (!error) return {};
  error_code ignored;
  acceptor_.close(ignored);
  return fail(Errc::unavailable,
              fmt::format("Cannot listen on {}:{}: {}.", options_.address, options_.port, error.message()));
}

Task<void> Server::Core::accept_loop() {
  while (!draining_) {
    auto [error, socket] = co_await acceptor_.async_accept(as_tuple);
    if (!error) {
      welcome(std::move(socket));
    } else if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) {
      co_return;
    } else if (error != asio::error::connection_aborted) {
      // Out of descriptors or memory: pause, or the loop would spin until some are given back.
      accept_pause_.expires_after(accept_pause);
      co_await accept_pause_.async_wait(as_tuple);
    }
  }
}

void Server::Core::welcome(Socket socket) {
  if (draining_) return;
  if (counts.connections < options_.limits.connections_max) {
    tasks_.spawn(serve(std::move(socket)));
  } else {
    turn_away(std::move(socket));
  }
}

void Server::Core::turn_away(Socket socket) {
  ++counts.refused_connections;
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(too_many_connections()), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
  if (partings_.size() >= partings_max) partings_.pop_front();
  partings_.push_back({.socket = std::move(socket), .until = clock_.steady_now() + busy_parting_time});
}

Task<void> Server::Core::serve(Socket socket) {
  Connection connection(*this, std::move(socket));
  co_await connection.run();
}

Task<void> Server::Core::sweep_loop() {
  const auto interval = sweep_interval(options_.limits);
  while (!stopped_) {
    sweep_timer_.expires_after(interval);
    co_await sweep_timer_.async_wait(as_tuple);
    sweep(clock_.steady_now());
  }
}

void Server::Core::sweep(SteadyTime now) {
  for (Connection& connection : connections_) connection.expire(now);
  while (!partings_.empty() && partings_.front().until <= now) partings_.pop_front();
  if (draining_ && now >= drain_deadline_.at) close_everything();
}

void Server::Core::close_everything() {
  for (Connection& connection : connections_) connection.close();
  tasks_.cancel();
}

Task<void> Server::Core::stop(Deadline deadline) {
  draining_ = true;
  drain_deadline_ = deadline;
  error_code ignored;
  acceptor_.close(ignored);
  accept_pause_.cancel();
  partings_.clear();
  for (Connection& connection : connections_) connection.drain();
  co_await tasks_.join();
  stopped_ = true;
  sweep_timer_.cancel();
  co_await upkeep_.join();
}

std::string_view Server::Core::date() {
  const Timestamp now = clock_.now();
  const std::int64_t second = to_micros(now) / 1'000'000;
  if (second != date_second_) {
    date_second_ = second;
    date_ = http_date(now);
  }
  return date_;
}

std::string Server::Core::new_request_id() {
  constexpr std::string_view digits = "0123456789abcdef";
  std::uint64_t draw = random_.next();
  std::string id(16, '0');
  for (char& digit : id) {
    digit = digits[draw & 15];
    draw >>= 4;
  }
  return id;
}

void Server::Core::enter(Connection& connection) {
  connections_.push_back(connection);
  ++counts.connections;
}

Server::Server(asio::any_io_executor executor, Router& router, Clock& clock, Random& random, ServerOptions options)
    : core_(std::make_unique<Core>(std::move(executor), router, clock, random, std::move(options))) {}

Server::~Server() = default;

Result<void> Server::start() { return core_->start(); }
std::uint16_t Server::port() const { return core_->port(); }
void Server::announce_stop() { core_->announce_stop(); }
Task<void> Server::stop(Deadline deadline) { co_await core_->stop(deadline); }
ServerCounts Server::counts() const { return core_->counts; }

}  // namespace edda::http
