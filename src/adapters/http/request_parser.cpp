#include "http/request_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>

namespace edda::http {

namespace beast = boost::beast;
using beast::error_code;

namespace {

/// Hands what Beast finds straight to the Request, without Beast's own containers in between.
class Callbacks final : public beast::http::basic_parser<true> {
 public:
  Callbacks(Request& request, std::uint64_t body_bytes_max) : request_(request) {
    eager(true);
    body_limit(body_bytes_max);
    header_limit(header_bytes_max);
  }

 private:
  // Also bounds trailers; heads were bounded before.
  static constexpr std::uint32_t header_bytes_max = 64 * 1024;

  void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view, int, error_code&) override {
    request_.method_name.assign(method.data(), method.size());
    request_.method = edda::http::parse_method(request_.method_name);
  }
  void on_response_impl(int, beast::string_view, int, error_code&) override {}
  void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value, error_code&) override {
    // Trailers come after the checks that headers go through, so they are dropped.
    if (!in_body_) request_.headers.add({name.data(), name.size()}, {value.data(), value.size()});
  }
  void on_header_impl(error_code&) override { in_body_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(beast::string_view body, error_code&) override {
    request_.body.append(body.data(), body.size());
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, beast::string_view body, error_code& ec) override {
    return on_body_impl(body, ec);
  }
  void on_finish_impl(error_code&) override {}

  Request& request_;
  bool in_body_ = false;
};

}  // namespace

class RequestParser::Beast {
 public:
  std::optional<Callbacks> parser;
};

RequestParser::RequestParser() : beast_(std::make_unique<Beast>()) {}
RequestParser::~RequestParser() = default;

void RequestParser::begin(Request& request, std::uint64_t body_bytes_max) {
  beast_->parser.emplace(request, body_bytes_max);
}

std::expected<std::size_t, HeadRefusal> RequestParser::put(std::string_view bytes) {
  error_code ec;
  const std::size_t taken = beast_->parser->put(boost::asio::buffer(bytes.data(), bytes.size()), ec);
  if (ec == beast::http::error::need_more) ec = {};
  if (ec == beast::http::error::body_limit) {
    return std::unexpected(HeadRefusal{.status = 413, .detail = "request entity too large"});
  }
  if (ec) return std::unexpected(HeadRefusal{.status = 400, .detail = "The request is malformed."});
  return taken;
}

bool RequestParser::done() const { return beast_->parser->is_done(); }

}  // namespace edda::http
