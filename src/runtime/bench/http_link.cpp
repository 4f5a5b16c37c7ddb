#include "bench/http_link.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace edda::bench {
namespace {

constexpr std::string_view length_header = "\r\nContent-Length: ";
constexpr std::string_view close_header = "\r\nConnection: close\r\n";
constexpr std::size_t head_bytes_max = 64 * 1024;
constexpr int write_wait_ms = 5'000;

template <class Number>
bool read_number(std::string_view text, Number& into) {
  return std::from_chars(text.data(), text.data() + text.size(), into).ec == std::errc{};
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

void AnswerReader::clear() {
  text_.clear();
  head_bytes_ = body_bytes_ = 0;
  status_ = 0;
  last_ = false;
}

bool AnswerReader::read_head() {
  const std::string_view head(text_.data(), head_bytes_);
  if (!head.starts_with("HTTP/1.1 ") || !read_number(head.substr(9, 3), status_)) return false;
  bool counted = false;
  for (std::size_t at = head.find("\r\n"); at + 2 < head.size(); at = head.find("\r\n", at + 2)) {
    if (equal_ignoring_case(head.substr(at, close_header.size()), close_header)) last_ = true;
    if (equal_ignoring_case(head.substr(at, length_header.size()), length_header)) counted = read_number(head.substr(at + length_header.size()), body_bytes_);
  }
  return counted;
}

AnswerReader::State AnswerReader::put(std::string_view bytes) {
  text_ += bytes;
  if (head_bytes_ == 0) {
    const auto end = text_.find("\r\n\r\n");
    if (end == std::string::npos) return text_.size() > head_bytes_max ? State::broken : State::incomplete;
    head_bytes_ = end + 4;
    if (!read_head()) return State::broken;
  }
  const std::size_t whole = head_bytes_ + body_bytes_;
  if (text_.size() > whole) return State::broken;  // one request at a time: nothing may follow
  return text_.size() == whole ? State::whole : State::incomplete;
}

Result<sockaddr_in> resolve(const std::string& host, const std::string& port) {
  addrinfo wanted{};
  wanted.ai_family = AF_INET;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), port.c_str(), &wanted, &found) != 0 || found == nullptr)
    return fail(Errc::invalid_argument, "no IPv4 address is known for " + host, "--url");
  sockaddr_in address{};
  std::memcpy(&address, found->ai_addr, sizeof address);
  ::freeaddrinfo(found);
  return address;
}

Result<void> HttpLink::open(const sockaddr_in& address) {
  close();
  descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr any{};
  std::memcpy(&any, &address, sizeof address);
  if (descriptor_ < 0 || ::connect(descriptor_, &any, sizeof address) != 0)
    return fail(Errc::unavailable, std::string("cannot connect: ") + std::strerror(errno));
  const int yes = 1;
  ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  ::fcntl(descriptor_, F_SETFL, O_NONBLOCK);
  return {};
}

void HttpLink::close() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  reader_.clear();
}

bool HttpLink::send(std::string_view request) {
  reader_.clear();
  while (!request.empty()) {
    const auto sent = ::send(descriptor_, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      request.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno != EAGAIN && errno != EINTR) return false;
    pollfd writable{descriptor_, POLLOUT, 0};
    if (::poll(&writable, 1, write_wait_ms) == 0) return false;
  }
  return true;
}

AnswerReader::State HttpLink::receive() {
  std::array<char, 16 * 1024> piece;
  for (;;) {
    const auto got = ::recv(descriptor_, piece.data(), piece.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return AnswerReader::State::incomplete;
    if (got <= 0) return AnswerReader::State::broken;
    const auto state = reader_.put({piece.data(), static_cast<std::size_t>(got)});
    if (state != AnswerReader::State::incomplete) return state;
    if (static_cast<std::size_t>(got) < piece.size()) return state;  // the epoll loop tells when more is there
  }
}

}  // namespace edda::bench
