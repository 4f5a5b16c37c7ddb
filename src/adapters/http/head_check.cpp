#include "http/head_check.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "http/fields.hpp"

namespace edda::http {

namespace {

using Check = std::expected<void, HeadRefusal>;

std::unexpected<HeadRefusal> refuse(int status, std::string_view detail) {
  return std::unexpected(HeadRefusal{.status = status, .detail = detail});
}

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (unsigned c = '0'; c <= '9'; ++c) table[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) table[c] = table[c + 32] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<unsigned char>(c)] = true;
  return table;
}
constexpr auto token_table = make_token_table();

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return token_table[static_cast<unsigned char>(c)]; });
}

bool is_field_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
  });
}

// Raw UTF-8 is let through, as old clients send it; that it is UTF-8 is checked when it is decoded.
bool is_target(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte != 0x7F && byte != '#';
  });
}

bool list_has(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    const std::string_view item = list.substr(0, list.find(','));
    if (equal_ignoring_case(trimmed(item), token)) return true;
    list.remove_prefix(std::min(list.size(), item.size() + 1));
  }
  return false;
}

class HeadReader {
 public:
  explicit HeadReader(const HeadLimits& limits) : limits_(limits) {}

  Check request_line(std::string_view line);
  Check header(std::string_view line);
  Check finish();
  Head head;

 private:
  Check origin_form(std::string_view target);
  Check host(std::string_view value);
  Check content_length(std::string_view value);
  Check transfer_encoding(std::string_view value);
  Check expect(std::string_view value);

  const HeadLimits& limits_;
  bool asks_close_ = false;
  bool asks_keep_alive_ = false;
  std::size_t headers_ = 0;
  std::size_t hosts_ = 0;
};

Check HeadReader::request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return refuse(400, "The request line is not 'METHOD TARGET HTTP/1.1'.");
  head.method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, second - first - 1);
  const std::string_view version = line.substr(second + 1);
  if (!is_token(head.method) || !is_target(target))
    return refuse(400, "The request line is not 'METHOD TARGET HTTP/1.1'.");
  if (target.size() > limits_.target_bytes_max) return refuse(414, "The address is too long.");
  head.http_1_0 = version == "HTTP/1.0";
  if (!head.http_1_0 && version != "HTTP/1.1") {
    const bool other_version = version.size() == 8 && version.starts_with("HTTP/");
    return refuse(other_version ? 505 : 400, "The protocol version must be HTTP/1.1.");
  }
  return origin_form(target);
}

Check HeadReader::origin_form(std::string_view target) {
  head.target = target;
  if (target.front() == '/') return {};
  head.target = "/";
  if (head.method == "CONNECT" || (head.method == "OPTIONS" && target == "*")) return {};
  std::string_view rest = target;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (rest.size() > scheme.size() && equal_ignoring_case(rest.substr(0, scheme.size()), scheme))
      rest.remove_prefix(scheme.size());
  }
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  if (rest.size() == target.size() || authority.empty()) return refuse(400, "The address must begin with '/'.");
  if (authority.find('@') != std::string_view::npos) return refuse(400, "The address must not hold user information.");
  rest.remove_prefix(authority.size());
  if (rest.starts_with('?')) return refuse(400, "The address has no path.");
  if (!rest.empty()) head.target = rest;
  return {};
}

Check HeadReader::header(std::string_view line) {
  if (line.front() == ' ' || line.front() == '\t') return refuse(400, "A header is folded over lines.");
  if (++headers_ > limits_.headers_max) return refuse(431, "There are too many headers.");
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  if (colon == std::string_view::npos || !is_token(name)) return refuse(400, "A header's name is malformed.");
  const std::string_view value = trimmed(line.substr(colon + 1));
  if (!is_field_value(value)) return refuse(400, "A header holds a control character.");
  // Most headers are none of these: the length tells at once.
  switch (name.size()) {
    case 4:
      return equal_ignoring_case(name, "Host") ? host(value) : Check{};
    case 6:
      return equal_ignoring_case(name, "Expect") ? expect(value) : Check{};
    case 10:
      if (equal_ignoring_case(name, "Connection")) {
        asks_close_ = asks_close_ || list_has(value, "close");
        asks_keep_alive_ = asks_keep_alive_ || list_has(value, "keep-alive");
      }
      return {};
    case 14:
      return equal_ignoring_case(name, "Content-Length") ? content_length(value) : Check{};
    case 17:
      return equal_ignoring_case(name, "Transfer-Encoding") ? transfer_encoding(value) : Check{};
    default:
      return {};
  }
}

Check HeadReader::host(std::string_view value) {
  if (++hosts_ > 1) return refuse(400, "There is more than one Host header.");
  if (value.find_first_of(" \t,@/\\?") != std::string_view::npos) return refuse(400, "The Host header is malformed.");
  return {};
}

Check HeadReader::content_length(std::string_view value) {
  if (head.content_length) return refuse(400, "There is more than one Content-Length.");
  constexpr std::size_t digits_max = 19;  // more could wrap in another parser
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), length);
  if (value.empty() || value.size() > digits_max || error != std::errc{} || end != value.data() + value.size()) {
    return refuse(400, "The Content-Length is not a plain number.");
  }
  head.content_length = length;
  return {};
}

Check HeadReader::transfer_encoding(std::string_view value) {
  if (head.chunked) return refuse(400, "There is more than one Transfer-Encoding.");
  if (!equal_ignoring_case(value, "chunked")) return refuse(501, "The only Transfer-Encoding understood is 'chunked'.");
  head.chunked = true;
  return {};
}

Check HeadReader::expect(std::string_view value) {
  if (!equal_ignoring_case(value, "100-continue"))
    return refuse(417, "The only expectation understood is '100-continue'.");
  head.expects_continue = true;
  return {};
}

Check HeadReader::finish() {
  if (hosts_ == 0 && !head.http_1_0) return refuse(400, "The Host header is missing.");
  if (head.chunked && head.content_length)
    return refuse(400, "Content-Length and Transfer-Encoding exclude each other.");
  if (head.chunked && head.http_1_0) return refuse(400, "HTTP/1.0 has no Transfer-Encoding.");
  head.keep_alive = !asks_close_ && (!head.http_1_0 || asks_keep_alive_) && head.method != "CONNECT";
  head.expects_continue = head.expects_continue && !head.http_1_0;
  return {};
}

}  // namespace

std::expected<std::optional<Head>, HeadRefusal> check_head(std::string_view bytes, const HeadLimits& limits) {
  HeadReader reader(limits);
  constexpr std::size_t request_line_rest = 64;  // method, blanks and version beside the target
  std::size_t begin = 0;
  for (bool first = true;; first = false) {
    const std::size_t feed = bytes.find('\n', begin);
    const std::size_t end = feed == std::string_view::npos ? bytes.size() : feed;
    if (first && end > limits.target_bytes_max + request_line_rest) return refuse(414, "The address is too long.");
    if (end >= limits.bytes_max) return refuse(431, "The headers are too large.");
    if (feed == std::string_view::npos) return std::nullopt;
    if (feed == begin || bytes[feed - 1] != '\r') return refuse(400, "A line ends in a bare line feed.");
    const std::string_view line = bytes.substr(begin, feed - 1 - begin);
    begin = feed + 1;
    if (line.empty() && !first) break;
    const Check checked = first ? reader.request_line(line) : reader.header(line);
    if (!checked) return std::unexpected(checked.error());
  }
  if (const Check checked = reader.finish(); !checked) return std::unexpected(checked.error());
  reader.head.bytes = begin;
  return reader.head;
}

}  // namespace edda::http
