#include "http/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/write.hpp>
#include <cstring>

#include "http/chunk_writer.hpp"
#include "http/problem.hpp"

namespace edda::http {

namespace asio = boost::asio;
using boost::system::error_code;
using boost::system::system_error;

namespace {

constexpr std::size_t input_bytes_start = 2 * 1024;  // an idle connection keeps little
constexpr std::size_t input_bytes_max = 64 * 1024;
constexpr std::size_t kept_bytes_max = 16 * 1024;  // larger buffers are given back between requests
constexpr std::chrono::seconds parting_time{
    2};  // for a refused client to read why, before its bytes reset the connection

bool is_sane_request_id(std::string_view id) {
  const auto sane = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
           c == '.';
  };
  return !id.empty() && id.size() <= 128 && std::ranges::all_of(id, sane);
}

}  // namespace

Connection::Connection(Server::Core& server, Server::Core::Socket socket)
    : server_(server), socket_(std::move(socket)) {
  error_code ignored;
  peer_ = socket_.remote_endpoint(ignored).address();
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  server_.enter(*this);
}

Connection::~Connection() { --server_.counts.connections; }

void Connection::enter(Phase phase, SteadyTime until) {
  phase_ = phase;
  phase_end_ = until;
}

void Connection::expire(SteadyTime now) {
  if (now < phase_end_) return;
  phase_end_ = SteadyTime::max();
  timed_out_ = true;
  ++server_.counts.timeouts;
  error_code ignored;
  socket_.cancel(ignored);
}

void Connection::drain() {
  error_code ignored;
  if (phase_ == Phase::idle || phase_ == Phase::parting) socket_.cancel(ignored);
  stream_cancellation_.emit(asio::cancellation_type::terminal);
}

void Connection::close() {
  error_code ignored;
  socket_.close(ignored);
}

Task<void> Connection::run() {
  while (co_await read_head() && co_await read_body() && co_await answer()) forget_large_buffers();
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
}

void Connection::consume(std::size_t bytes) {
  input_begin_ += bytes;
  if (input_begin_ == input_end_) input_begin_ = input_end_ = 0;
}

Task<Connection::Read> Connection::read_more() {
  if (input_begin_ > 0) {
    std::memmove(input_.data(), input_.data() + input_begin_, input_end_ - input_begin_);
    input_end_ -= input_begin_;
    input_begin_ = 0;
  }
  if (input_end_ == input_.size()) {
    if (input_.size() >= input_bytes_max + server_.limits().head_bytes_max) co_return Read::ended;
    input_.resize(std::max(input_bytes_start, input_.size() * 2));
  }
  const auto [error, bytes] =
      co_await socket_.async_read_some(asio::buffer(input_.data() + input_end_, input_.size() - input_end_), as_tuple);
  if (error) co_return Read::ended;
  input_end_ += bytes;
  co_return Read::more;
}

Task<bool> Connection::read_head() {
  const ServerLimits& limits = server_.limits();
  const HeadLimits head_limits{limits.head_bytes_max, limits.headers_max, limits.target_bytes_max};
  const SteadyTime begin = server_.clock().steady_now();
  head_ = {};
  request_.clear();
  close_after_answer_ = false;
  if (unread().empty()) {
    if (server_.draining()) co_return false;
    enter(Phase::idle, begin + (requests_ == 0 ? limits.head_timeout : limits.idle_timeout));
    if (co_await read_more() == Read::ended) co_return false;
  }
  for (bool waited = false;; waited = true) {
    const auto checked = check_head(unread(), head_limits);
    if (!checked) co_return co_await refuse(checked.error());
    if (*checked) {
      head_ = **checked;
      co_return true;
    }
    if (!waited) enter(Phase::head, server_.clock().steady_now() + limits.head_timeout);
    if (co_await read_more() == Read::more) continue;
    if (!timed_out_) co_return false;
    co_return co_await refuse({.status = 408, .detail = "The request did not arrive in time."});
  }
}

std::uint64_t Connection::body_bytes_max() const {
  const ServerLimits& limits = server_.limits();
  return is_v1_path(head_.target) ? limits.v1_body_bytes_max : limits.old_body_bytes_max;
}

// The head's views point into the input, which the reading of the body moves: everything is copied out here.
Result<void> Connection::prepare_request() {
  request_.arrival = server_.clock().steady_now();
  auto target = set_target(request_, head_.target);
  parser_.begin(request_, body_bytes_max());
  return target;
}

Task<bool> Connection::read_body() {
  const bool too_large = head_.content_length.value_or(0) > body_bytes_max();
  const auto target = prepare_request();
  if (too_large) co_return co_await refuse({.status = 413, .detail = "request entity too large"});
  if (!target)
    co_return co_await refuse({.status = 400, .detail = "The address is not a well-formed, percent-encoded path."});

  const bool head_only = unread().size() == head_.bytes;
  const bool has_body = head_.chunked || head_.content_length.value_or(0) > 0;
  if (has_body && head_only && head_.expects_continue) {
    if (!co_await write("HTTP/1.1 100 Continue\r\n\r\n", request_.arrival + server_.limits().write_timeout))
      co_return false;
  }
  for (bool waited = false;; waited = true) {
    const auto taken = parser_.put(unread());
    if (!taken) co_return co_await refuse(taken.error());
    consume(*taken);
    if (parser_.done()) co_return true;
    // What Beast does not take is an endless chunk header or trailer.
    if (unread().size() > server_.limits().head_bytes_max) {
      co_return co_await refuse({.status = 400, .detail = "A chunk's head is too long."});
    }
    if (!waited) {
      enter(Phase::body, server_.clock().steady_now() + server_.limits().body_timeout);
      if (input_.size() < kept_bytes_max) input_.resize(kept_bytes_max);
    }
    if (co_await read_more() == Read::more) continue;
    if (!timed_out_) co_return false;
    co_return co_await refuse({.status = 408, .detail = "The request's body did not arrive in time."});
  }
}

Task<bool> Connection::answer() {
  enter(Phase::handling, SteadyTime::max());
  ++requests_;
  ++server_.counts.requests;
  request_.client_address = server_.proxies().client_of(peer_, request_.header("X-Forwarded-For").value_or(""));
  const auto id = request_.header("X-Request-Id");
  request_.request_id = id && is_sane_request_id(*id) ? std::string(*id) : server_.new_request_id();
  close_after_answer_ = !head_.keep_alive;

  if (server_.counts.requests_in_flight >= server_.limits().requests_in_flight_max) {
    co_return co_await send(render(
        request_, Problem{.status = 503, .detail = "Too many requests are being handled.", .code = "overloaded"}));
  }
  // Counted down even when the handler is cancelled.
  struct InFlight {
    std::size_t& count;
    explicit InFlight(std::size_t& c) : count(c) { ++count; }
    ~InFlight() { --count; }
  } in_flight(server_.counts.requests_in_flight);
  Response response = co_await server_.router().dispatch(request_);
  if (response.stream) co_return co_await send_stream(std::move(response));
  co_return co_await send(std::move(response));
}

ResponseFraming Connection::framing() {
  close_after_answer_ = close_after_answer_ || server_.lets_go();
  return {.date = server_.date(),
          .request_id = request_.request_id,
          .close = close_after_answer_,
          .http_1_0 = head_.http_1_0,
          .chunked = false,
          .unframed = false};
}

Task<bool> Connection::send(Response response) {
  output_.clear();
  append_response_head(output_, response, framing());
  if (request_.method != Method::head && may_have_body(response.status)) output_.append(response.body);
  const bool written = co_await write(output_, server_.clock().steady_now() + server_.limits().write_timeout);
  co_return written && !close_after_answer_;
}

Task<bool> Connection::send_stream(Response response) {
  ResponseFraming frame = framing();
  frame.chunked = !head_.http_1_0;
  frame.unframed = head_.http_1_0;
  close_after_answer_ = close_after_answer_ || frame.unframed;
  output_.clear();
  append_response_head(output_, response, frame);
  if (!co_await write(output_, server_.clock().steady_now() + server_.limits().write_timeout)) co_return false;
  if (request_.method == Method::head) co_return !close_after_answer_;

  ChunkWriter writer([this](std::string_view bytes, SteadyTime until) { return write(bytes, until); }, frame.chunked);
  bool whole = true;
  try {
    co_await asio::co_spawn(socket_.get_executor(), response.stream(writer),
                            asio::bind_cancellation_slot(stream_cancellation_.slot(), asio::use_awaitable));
  } catch (const std::exception&) {
    // The status is sent: an end without the last chunk tells the client that the body is not whole.
    whole = server_.draining();
  }
  if (!whole || writer.broken()) co_return false;
  const bool ended = co_await writer.finish(server_.clock().steady_now() + server_.limits().write_timeout);
  co_return ended && !close_after_answer_ && !server_.draining();
}

// Most answers fit into the socket's buffer: then the write ends here, without a trip through the reactor.
Task<bool> Connection::write(std::string_view bytes, SteadyTime until) {
  error_code error;
  const std::size_t sent = socket_.write_some(asio::buffer(bytes), error);
  if (!error && sent == bytes.size()) co_return true;
  if (error && error != asio::error::would_block) co_return false;
  const Phase before = phase_;
  enter(Phase::writing, until);
  const auto [failure, rest] =
      co_await asio::async_write(socket_, asio::buffer(bytes.substr(error ? 0 : sent)), as_tuple);
  enter(before, SteadyTime::max());
  if (timed_out_) ++server_.counts.slow_readers_dropped;
  co_return !failure;
}

Task<bool> Connection::refuse(HeadRefusal refusal) {
  ++server_.counts.refused_heads;
  timed_out_ = false;
  close_after_answer_ = true;
  // The request was not parsed: its first line is all there is to tell whose style the answer takes.
  const std::string_view line = unread().substr(0, unread().find('\n'));
  if (request_.path.empty()) request_.face = line.find(" /v1/") != std::string_view::npos ? Face::v1 : Face::old;
  if (request_.request_id.empty()) request_.request_id = server_.new_request_id();
  co_await send(render(request_, Problem{.status = refusal.status, .detail = std::string(refusal.detail)}));
  co_await part();
  co_return false;
}

Task<void> Connection::part() {
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  input_begin_ = input_end_ = 0;
  enter(Phase::parting, server_.clock().steady_now() + parting_time);
  while (!server_.draining() && co_await read_more() == Read::more) input_end_ = 0;
}

void Connection::forget_large_buffers() {
  if (request_.body.capacity() > kept_bytes_max) request_.body = {};
  if (output_.capacity() > kept_bytes_max) output_ = {};
  if (input_.size() > kept_bytes_max && unread().empty()) input_ = {};
}

}  // namespace edda::http
