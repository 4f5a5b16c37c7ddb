#include "http/raw_client.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace edda::http {

namespace {

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval minute{.tv_sec = 60, .tv_usec = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &minute, sizeof minute);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &minute, sizeof minute);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return socket;
  ::close(socket);
  return -1;
}

}  // namespace

RawClient::RawClient(std::uint16_t port) : socket_(connect_to(port)) { EXPECT_GE(socket_, 0) << "cannot connect"; }

RawClient::~RawClient() { close(); }

bool RawClient::can_connect(std::uint16_t port) {
  const int socket = connect_to(port);
  if (socket >= 0) ::close(socket);
  return socket >= 0;
}

void RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool RawClient::read_some() {
  std::array<char, 64 * 1024> buffer;
  const ssize_t count = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (count > 0) received_.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0;
}

std::string RawClient::read_until(std::string_view end) {
  std::size_t found = received_.find(end);
  while (found == std::string::npos && read_some()) found = received_.find(end);
  const std::size_t size = found == std::string::npos ? received_.size() : found + end.size();
  std::string bytes = received_.substr(0, size);
  received_.erase(0, size);
  return bytes;
}

std::string RawClient::read_answer() {
  std::string answer = read_until("\r\n\r\n");
  const std::size_t header = answer.find("Content-Length: ");
  if (header == std::string::npos) return answer;
  const std::size_t length = std::stoul(answer.substr(header + 16));
  while (received_.size() < length && read_some()) {
  }
  answer += received_.substr(0, length);
  received_.erase(0, length);
  return answer;
}

std::string RawClient::read_to_end() {
  while (read_some()) {
  }
  return std::exchange(received_, {});
}

void RawClient::close() {
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
}

void RawClient::reset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

}  // namespace edda::http
