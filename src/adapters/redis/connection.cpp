#include "redis/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <optional>

namespace edda::redis {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using Code = boost::system::error_code;
using Failure = std::unexpected<std::string>;

std::string why(std::string_view doing, const Code& code) { return fmt::format("{}: {}", doing, code.message()); }

/// Asking for a name's addresses cannot be broken off, so the wait for it is: what comes late is dropped.
Task<std::expected<std::vector<tcp::endpoint>, std::string>> resolve(asio::any_io_executor executor, std::string host,
                                                                     std::string port, std::chrono::nanoseconds patience) {
  struct Asked {
    tcp::resolver resolver;
    asio::steady_timer done;
    std::optional<Code> code = {};
    std::vector<tcp::endpoint> found = {};
  };
  const auto asked = std::make_shared<Asked>(Asked{tcp::resolver(executor), asio::steady_timer(executor, patience)});
  asked->resolver.async_resolve(host, port, [asked](const Code& code, const tcp::resolver::results_type& results) {
    asked->code = code;
    for (const auto& one : results) asked->found.push_back(one.endpoint());
    asked->done.cancel();
  });
  co_await asked->done.async_wait(as_result);
  if (!asked->code) co_return Failure("looking for its address: no answer in time");
  if (*asked->code) co_return Failure(why("looking for its address", *asked->code));
  co_return asked->found;
}

}  // namespace

Task<Connection::Opened> Connection::open(asio::any_io_executor executor, Clock& clock, const ClientSettings& settings,
                                          asio::ssl::context* tls, Deadline deadline) {
  const auto left = [&] { return std::max<std::chrono::nanoseconds>(deadline.at - clock.steady_now(), std::chrono::nanoseconds(0)); };
  const auto addresses = co_await resolve(executor, settings.host, std::to_string(settings.port), left());
  if (!addresses) co_return Failure(addresses.error());
  const std::shared_ptr<Connection> connection(
      new Connection(tls == nullptr ? std::variant<Plain, Tls>(Plain(executor)) : Tls(Plain(executor), *tls)));
  asio::steady_timer watchdog(executor, left());
  watchdog.async_wait([connection](const Code& cancelled) {
    if (cancelled || !connection->opening_) return;
    connection->late_ = true;
    connection->close();
  });
  const auto begun = co_await connection->begin(settings, *addresses);
  connection->opening_ = false;
  if (connection->late_) co_return Failure("no answer in time");
  if (!begun) co_return Failure(begun.error());
  co_return connection;
}

Task<Connection::Done> Connection::begin(const ClientSettings& settings, std::vector<tcp::endpoint> addresses) {
  const auto [refused, where] = co_await asio::async_connect(socket(), addresses, as_result);
  if (refused) co_return Failure(why("connecting", refused));
  Code ignored;
  socket().set_option(tcp::no_delay(true), ignored);
  if (auto* stream = std::get_if<Tls>(&stream_)) {
    SSL_set_tlsext_host_name(stream->native_handle(), settings.host.c_str());
    stream->set_verify_callback(asio::ssl::host_name_verification(settings.host));
    const auto [distrusted] = co_await stream->async_handshake(asio::ssl::stream_base::client, as_result);
    if (distrusted) co_return Failure(why("agreeing on TLS", distrusted));
  }
  co_return co_await sign_in(settings);
}

/// The commands go out together. An accepted connection alone tells nothing: the kernel of a server that hangs accepts, too.
Task<Connection::Done> Connection::sign_in(const ClientSettings& settings) {
  std::string bytes;
  std::size_t owed = 1;
  if (!settings.password.empty()) {
    bytes += settings.user.empty() ? encode_command({"AUTH", settings.password})
                                   : encode_command({"AUTH", settings.user, settings.password});
    ++owed;
  }
  if (settings.database != 0) {
    bytes += encode_command({"SELECT", std::to_string(settings.database)});
    ++owed;
  }
  bytes += encode_command({"PING"});
  if (const auto sent = co_await write(std::move(bytes)); !sent) co_return Failure(sent.error());
  std::string input;
  while (owed > 0) {
    const auto parsed = parse_reply(input);
    if (!parsed) co_return Failure(parsed.error().message);
    if (*parsed) {
      // Redis's own words name no password.
      if ((*parsed)->reply.kind == Reply::Kind::error) co_return Failure(fmt::format("signing in: {}", (*parsed)->reply.text));
      input.erase(0, (*parsed)->bytes);
      --owed;
      continue;
    }
    const auto arrived = co_await read();
    if (!arrived) co_return Failure(arrived.error());
    input += *arrived;
  }
  co_return Done{};
}

Task<Connection::Done> Connection::write(std::string bytes) {
  const auto [code, count] =
      co_await std::visit([&](auto& stream) { return asio::async_write(stream, asio::buffer(bytes), as_result); }, stream_);
  if (code) co_return Failure(why("sending", code));
  co_return Done{};
}

Task<std::expected<std::string_view, std::string>> Connection::read() {
  const auto [code, count] =
      co_await std::visit([&](auto& stream) { return stream.async_read_some(asio::buffer(input_), as_result); }, stream_);
  if (code) co_return Failure(why("waiting for an answer", code));
  co_return std::string_view(input_.data(), count);
}

void Connection::close() {
  Code ignored;
  socket().close(ignored);
}

Connection::Plain& Connection::socket() {
  if (auto* stream = std::get_if<Tls>(&stream_)) return stream->next_layer();
  return std::get<Plain>(stream_);
}

}  // namespace edda::redis
