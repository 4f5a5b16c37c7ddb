#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "redis/reply.hpp"
#include "support/free_port.hpp"
#include "unit/temporary_folder.hpp"

namespace edda::testing_support {

/// A Redis of our own on a free port of the loopback, that keeps nothing on the disk. It ends with this object, and with the thread that
/// started it. Anything that cannot be done throws std::runtime_error.
class RedisServer {
 public:
  /// The server of this test process, started by the first who asks.
  static RedisServer& shared() {
    static RedisServer server;
    return server;
  }

  /// `options`: of redis-server's command line, as {"--requirepass", "secret"}.
  explicit RedisServer(std::vector<std::string> options = {}) : options_(std::move(options)) { start(); }
  RedisServer(const RedisServer&) = delete;
  ~RedisServer() { kill(); }

  std::uint16_t port() const { return port_; }
  std::string folder() const { return folder_.path().string(); }

  /// kill -9.
  void kill() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = -1;
  }
  /// Empty, on the same port.
  void start() {
    const bool first = port_ == 0;
    for (int tries = 0; tries < 5; ++tries) {
      if (first) port_ = free_port();
      if (try_start()) return;
    }
    throw std::runtime_error("redis-server does not start; apt-get install redis-server");
  }
  void pause() const { ::kill(process_, SIGSTOP); }
  void resume() const { ::kill(process_, SIGCONT); }

  /// One command on a connection of its own.
  redis::Reply command(std::initializer_list<std::string_view> words) const {
    const int socket = connect();
    if (socket < 0) throw std::runtime_error("redis-server does not listen");
    const std::string bytes = redis::encode_command(words);
    std::string input;
    bool open = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
    while (open) {
      if (const auto parsed = redis::parse_reply(input).value()) {
        ::close(socket);
        return parsed->reply;
      }
      char piece[4096];
      const auto got = ::recv(socket, piece, sizeof piece, 0);
      open = got > 0;
      if (open) input.append(piece, static_cast<std::size_t>(got));
    }
    ::close(socket);
    throw std::runtime_error("redis-server broke off");
  }

 private:
  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  int connect() const {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port_);
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return socket;
    ::close(socket);
    return -1;
  }

  bool try_start() {
    spawn();
    // Another process says only by its answers that it is there: it is asked now and again.
    for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30); std::chrono::steady_clock::now() < end;) {
      if (const int socket = connect(); socket >= 0) {
        ::close(socket);
        return true;
      }
      if (::waitpid(process_, nullptr, WNOHANG) == process_) {
        process_ = -1;
        return false;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    throw std::runtime_error("redis-server does not listen");
  }

  void spawn() {
    std::vector<std::string> command{"redis-server", "--port",  std::to_string(port_), "--bind",    "127.0.0.1",
                                     "--save",       "",        "--appendonly",        "no",        "--dir",
                                     folder(),       "--logfile", folder() + "/log"};
    command.insert(command.end(), options_.begin(), options_.end());
    std::vector<char*> arguments;
    for (std::string& part : command) arguments.push_back(part.data());
    arguments.push_back(nullptr);
    process_ = ::fork();
    if (process_ < 0) throw std::runtime_error("cannot fork");
    if (process_ > 0) return;
    // Only what is safe between fork and exec. A session of its own: a Ctrl-C at the terminal is for the tests.
    ::setsid();
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::execvp(arguments.front(), arguments.data());
    ::_exit(127);
  }

  test::TemporaryFolder folder_;
  const std::vector<std::string> options_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

}  // namespace edda::testing_support
