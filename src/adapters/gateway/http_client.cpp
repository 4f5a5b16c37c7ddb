#include "gateway/http_client.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <deque>
#include <optional>
#include <tuple>
#include <variant>

#include <fmt/format.h>

namespace edda::gateway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using Code = boost::system::error_code;
using Failure = std::unexpected<HttpFailure>;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

using Plain = beast::tcp_stream;
using Tls = beast::ssl_stream<beast::tcp_stream>;

/// One connection, over TLS or not.
struct Connection {
  std::variant<Plain, Tls> stream;
  beast::flat_buffer buffer = {};
  SteadyTime idle_since = {};

  beast::tcp_stream& transport() {
    return std::visit([](auto& s) -> beast::tcp_stream& { return beast::get_lowest_layer(s); }, stream);
  }
  /// Whether an idle connection can be used again: the other side sent nothing, not even its end.
  bool is_quiet() {
    Code code;
    auto& socket = transport().socket();
    if (!socket.non_blocking()) socket.non_blocking(true, code);
    char byte = 0;
    if (!code) socket.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, code);
    return code == asio::error::would_block;
  }
};
using ConnectionPtr = std::unique_ptr<Connection>;

http::request<http::string_body> request_of(const Endpoint& endpoint, HttpCall call) {
  http::request<http::string_body> request;
  request.method_string(call.method);
  const std::string target = endpoint.path + call.target;
  request.target(target.empty() ? "/" : target);
  request.version(11);
  const bool usual_port = endpoint.port == (endpoint.tls ? "443" : "80");
  request.set(http::field::host, usual_port ? endpoint.host : endpoint.host + ":" + endpoint.port);
  request.set(http::field::user_agent, "edda");
  request.set(http::field::accept, "application/json");
  if (!call.body.empty()) request.set(http::field::content_type, "application/json");
  for (const auto& [name, value] : call.headers) request.set(name, value);
  request.body() = std::move(call.body);
  request.prepare_payload();
  return request;
}

/// Never ends up in an answer to a client; hosts and paths are the operator's own.
std::string why(std::string_view doing, const Code& code) {
  if (code == beast::error::timeout) return fmt::format("{}: no answer in time", doing);
  return fmt::format("{}: {}", doing, code.message());
}

}  // namespace

/// The connections and who waits for one. Everything on the executor's one thread.
class HttpClient::Pool : public std::enable_shared_from_this<Pool> {
 public:
  Pool(asio::any_io_executor executor, Clock& clock, HttpClientSettings settings)
      : executor_(std::move(executor)), clock_(clock), settings_(std::move(settings)) {
    if (!settings_.endpoint.tls) return;
    tls_.emplace(asio::ssl::context::tls_client);
    tls_->set_default_verify_paths();
    tls_->set_verify_mode(asio::ssl::verify_peer);
  }

  Task<std::expected<HttpReply, HttpFailure>> send(HttpCall call, Deadline deadline) {
    // A caller that is cancelled must still learn whether its request may have been sent.
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto self = shared_from_this();
    if (!co_await enter(deadline)) co_return Failure({true, "no connection to the server became free in time"});
    auto result = co_await exchange(std::move(call), deadline);
    leave();
    co_return result;
  }

 private:
  struct Waiter {
    asio::steady_timer timer;
    bool may_enter = false;
  };

  std::chrono::nanoseconds left(Deadline deadline) const {
    return std::max<std::chrono::nanoseconds>(deadline.at - clock_.steady_now(), std::chrono::nanoseconds(0));
  }

  Task<bool> enter(Deadline deadline) {
    if (in_use_ < settings_.connections_max) {
      ++in_use_;
      co_return true;
    }
    if (waiters_.size() >= settings_.waiting_max) co_return false;
    const auto waiter = std::make_shared<Waiter>(Waiter{asio::steady_timer(executor_, left(deadline))});
    waiters_.push_back(waiter);
    co_await waiter->timer.async_wait(as_result);
    if (!waiter->may_enter) std::erase(waiters_, waiter);
    co_return waiter->may_enter;
  }

  /// The next in line takes the place over.
  void leave() {
    if (waiters_.empty()) {
      --in_use_;
      return;
    }
    waiters_.front()->may_enter = true;
    waiters_.front()->timer.cancel();
    waiters_.pop_front();
  }

  Task<std::expected<HttpReply, HttpFailure>> exchange(HttpCall call, Deadline deadline) {
    ConnectionPtr connection = take_idle();
    if (!connection) {
      auto opened = co_await open(deadline);
      if (!opened) co_return Failure({true, std::move(opened).error()});
      connection = *std::move(opened);
    }
    const auto request = request_of(settings_.endpoint, std::move(call));
    connection->transport().expires_after(left(deadline));
    const auto [unsent, sent_bytes] = co_await std::visit(
        [&](auto& stream) { return http::async_write(stream, request, as_result); }, connection->stream);
    // Under TLS bytes may have left that are not counted yet.
    if (unsent) co_return Failure({sent_bytes == 0 && !settings_.endpoint.tls, why("sending", unsent)});

    http::response_parser<http::string_body> parser;
    parser.body_limit(settings_.body_bytes_max);
    const auto [unread, read_bytes] = co_await std::visit(
        [&](auto& stream) { return http::async_read(stream, connection->buffer, parser, as_result); },
        connection->stream);
    if (unread) co_return Failure({false, why("waiting for the answer", unread)});
    auto& response = parser.get();
    HttpReply reply{static_cast<int>(response.result_int()), std::move(response.body())};
    if (response.keep_alive() && connection->buffer.size() == 0) keep(std::move(connection));
    co_return reply;
  }

  ConnectionPtr take_idle() {
    const SteadyTime oldest = clock_.steady_now() - settings_.idle_max;
    while (!idle_.empty()) {
      ConnectionPtr connection = std::move(idle_.back());
      idle_.pop_back();
      if (connection->idle_since > oldest && connection->is_quiet()) return connection;
    }
    return nullptr;
  }

  void keep(ConnectionPtr connection) {
    connection->transport().expires_never();
    connection->idle_since = clock_.steady_now();
    idle_.push_back(std::move(connection));
  }

  Task<std::expected<ConnectionPtr, std::string>> open(Deadline deadline) {
    const auto addresses = co_await resolve(deadline);
    if (!addresses) co_return std::unexpected(addresses.error());
    ConnectionPtr connection;
    if (tls_)
      connection = std::make_unique<Connection>(Connection{Tls(Plain(executor_), *tls_)});
    else
      connection = std::make_unique<Connection>(Connection{Plain(executor_)});
    connection->transport().expires_after(left(deadline));
    const auto [refused, where] = co_await connection->transport().async_connect(*addresses, as_result);
    if (refused) co_return std::unexpected(why("connecting", refused));
    Code ignored;
    connection->transport().socket().set_option(tcp::no_delay(true), ignored);
    if (auto* stream = std::get_if<Tls>(&connection->stream)) {
      const auto [refused_hello] = co_await shake_hands(*stream);
      if (refused_hello) co_return std::unexpected(why("agreeing on TLS", refused_hello));
    }
    co_return connection;
  }

  Task<std::tuple<Code>> shake_hands(Tls& stream) {
    const std::string& host = settings_.endpoint.host;
    SSL_set_tlsext_host_name(stream.native_handle(), host.c_str());
    stream.set_verify_callback(asio::ssl::host_name_verification(host));
    co_return co_await stream.async_handshake(asio::ssl::stream_base::client, as_result);
  }

  /// Asking for a name's addresses cannot be broken off, so the wait for it is: what comes late is dropped.
  Task<std::expected<std::vector<tcp::endpoint>, std::string>> resolve(Deadline deadline) {
    struct Asked {
      tcp::resolver resolver;
      asio::steady_timer done;
      std::optional<Code> code = {};
      std::vector<tcp::endpoint> found = {};
    };
    const auto asked = std::make_shared<Asked>(
        Asked{tcp::resolver(executor_), asio::steady_timer(executor_, left(deadline))});
    asked->resolver.async_resolve(settings_.endpoint.host, settings_.endpoint.port,
                                  [asked](const Code& code, const tcp::resolver::results_type& results) {
                                    asked->code = code;
                                    for (const auto& one : results) asked->found.push_back(one.endpoint());
                                    asked->done.cancel();
                                  });
    co_await asked->done.async_wait(as_result);
    if (!asked->code) co_return std::unexpected(std::string("no address of the server was found in time"));
    if (*asked->code) co_return std::unexpected(why("looking for the server's address", *asked->code));
    co_return asked->found;
  }

  const asio::any_io_executor executor_;
  Clock& clock_;
  const HttpClientSettings settings_;
  std::optional<asio::ssl::context> tls_;
  std::size_t in_use_ = 0;
  std::vector<ConnectionPtr> idle_;  ///< never more than were in use at once
  std::deque<std::shared_ptr<Waiter>> waiters_;
};

HttpClient::HttpClient(asio::any_io_executor executor, Clock& clock, HttpClientSettings settings)
    : executor_(executor), pool_(std::make_shared<Pool>(executor, clock, std::move(settings))) {}

HttpClient::~HttpClient() = default;

Task<std::expected<HttpReply, HttpFailure>> HttpClient::send(HttpCall call, Deadline deadline) {
  co_return co_await asio::co_spawn(executor_, pool_->send(std::move(call), deadline), asio::use_awaitable);
}

}  // namespace edda::gateway
