#include "cli/http_client.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/parse.hpp>

namespace edda::cli {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Code = boost::system::error_code;

constexpr std::uint64_t body_bytes_max = 64ULL * 1024 * 1024;
constexpr std::size_t piece_bytes = 16 * 1024;

/// One connection whose every step is bounded by the stream's own timer.
class Connection {
 public:
  explicit Connection(const Endpoint& endpoint) : endpoint_(endpoint), stream_(context_) {}

  Code open(std::chrono::milliseconds timeout) {
    Code code;
    asio::ip::tcp::resolver resolver(context_);
    const auto addresses = resolver.resolve(endpoint_.host, endpoint_.port, code);
    if (code) return code;
    stream_.expires_after(timeout);
    return finish([&](auto done) {
      stream_.async_connect(addresses, [done](Code result, const auto&) mutable { done(result); });
    });
  }

  Code send(const http::request<http::string_body>& request) {
    return finish([&](auto done) {
      http::async_write(stream_, request, [done](Code result, std::size_t) mutable { done(result); });
    });
  }

  template <class ParserType>
  Code read(ParserType& parser) {
    return finish([&](auto done) {
      http::async_read(stream_, buffer_, parser, [done](Code result, std::size_t) mutable { done(result); });
    });
  }
  template <class ParserType>
  Code read_head(ParserType& parser) {
    return finish([&](auto done) {
      http::async_read_header(stream_, buffer_, parser, [done](Code result, std::size_t) mutable { done(result); });
    });
  }

  /// Reads once; while nothing arrives, `keep_waiting` is asked now and then.
  template <class ParserType>
  Code read_some(ParserType& parser, const std::function<bool()>& keep_waiting) {
    stream_.expires_never();
    Code code = asio::error::would_block;
    http::async_read_some(stream_, buffer_, parser, [&](Code result, std::size_t) { code = result; });
    context_.restart();
    while (code == asio::error::would_block) {
      context_.run_one_for(std::chrono::milliseconds(200));
      if (code == asio::error::would_block && !keep_waiting()) stream_.cancel();
    }
    return code;
  }

 private:
  template <class Start>
  Code finish(Start start) {
    Code code = asio::error::would_block;
    start([&code](Code result) { code = result; });
    context_.restart();
    context_.run();
    return code;
  }

  const Endpoint& endpoint_;
  asio::io_context context_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
};

http::request<http::string_body> make_request(const Endpoint& endpoint, std::string_view method, std::string_view target,
                                              const HttpClient::Headers& headers, std::string body) {
  http::request<http::string_body> request;
  request.method_string({method.data(), method.size()});
  request.target({target.data(), target.size()});
  request.version(11);
  request.set(http::field::host, endpoint.host + ":" + endpoint.port);
  request.set(http::field::user_agent, "edda-cli");
  request.set(http::field::connection, "close");
  for (const auto& [name, value] : headers) request.set(name, value);
  request.body() = std::move(body);
  if (!request.body().empty() || method != "GET") request.prepare_payload();
  return request;
}

std::unexpected<Error> nobody_there(const std::string& url, const Code& code) {
  return fail(Errc::unavailable, fmt::format("no server at {} ({}): start one with ./run, or pass --url", url, code.message()));
}

std::unexpected<Error> no_answer(const std::string& url, const Code& code) {
  const bool late = code == beast::error::timeout;
  return fail(Errc::outcome_unknown, late ? fmt::format("{} did not answer in time; look at its log and try again", url)
                                          : fmt::format("the connection to {} broke: {}", url, code.message()));
}

template <class Head>
HttpResponse response_of(const Head& head, std::string body) {
  const auto etag = head[http::field::etag];
  return {head.result_int(), std::move(body), std::string(etag.data(), etag.size())};
}

}  // namespace

Result<Endpoint> parse_endpoint(std::string_view url) {
  const auto parsed = boost::urls::parse_uri({url.data(), url.size()});
  if (!parsed || parsed->scheme() != "http" || parsed->host().empty()) {
    return fail(Errc::invalid_argument, fmt::format("\"{}\" is no address of a server; write it as http://HOST:PORT", url), "--url");
  }
  if (parsed->encoded_path() != "" && parsed->encoded_path() != "/") {
    return fail(Errc::invalid_argument, fmt::format("leave the path out of \"{}\": http://HOST:PORT", url), "--url");
  }
  return Endpoint{parsed->host_address(), parsed->has_port() && !parsed->port().empty() ? std::string(parsed->port()) : "80"};
}

Result<HttpResponse> HttpClient::request(std::string_view method, std::string_view target, const Headers& headers,
                                         std::string body) const {
  Connection connection(endpoint_);
  if (const auto code = connection.open(timeout_)) return nobody_there(url(), code);
  const auto request = make_request(endpoint_, method, target, headers, std::move(body));
  if (const auto code = connection.send(request)) return no_answer(url(), code);
  http::response_parser<http::string_body> parser;
  parser.body_limit(body_bytes_max);
  if (const auto code = connection.read(parser)) return no_answer(url(), code);
  auto& response = parser.get();
  return response_of(response, std::move(response.body()));
}

Result<HttpResponse> HttpClient::stream(std::string_view target, const Headers& headers,
                                        const std::function<bool(std::string_view)>& on_data,
                                        const std::function<bool()>& keep_waiting) const {
  Connection connection(endpoint_);
  if (const auto code = connection.open(timeout_)) return nobody_there(url(), code);
  const auto request = make_request(endpoint_, "GET", target, headers, {});
  if (const auto code = connection.send(request)) return no_answer(url(), code);
  http::response_parser<http::buffer_body> parser;
  parser.body_limit(boost::none);
  if (const auto code = connection.read_head(parser)) return no_answer(url(), code);
  std::array<char, piece_bytes> piece{};
  std::string refusal;
  while (!parser.is_done()) {
    parser.get().body().data = piece.data();
    parser.get().body().size = piece.size();
    Code code = connection.read_some(parser, keep_waiting);
    if (code == http::error::need_buffer) code = {};
    const std::string_view got(piece.data(), piece.size() - parser.get().body().size);
    const bool stopped = code == asio::error::operation_aborted;
    if (code && !stopped) return no_answer(url(), code);
    if (parser.get().result_int() != 200) refusal += got;
    else if (!got.empty() && !on_data(got)) break;
    if (stopped) break;
  }
  return response_of(parser.get(), std::move(refusal));
}

}  // namespace edda::cli
