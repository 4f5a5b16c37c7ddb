#include "bench/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace edda::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Of a failed program, enough to see why.
constexpr std::size_t shown_output = 2'000;

/// Reads to the end of the pipe; false when the time is over before.
bool read_all(int pipe, Clock::time_point until, std::string& text) {
  std::array<char, 4096> piece;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd readable{pipe, POLLIN, 0};
    if (left <= 0 || ::poll(&readable, 1, static_cast<int>(left)) <= 0) return false;
    const auto count = ::read(pipe, piece.data(), piece.size());
    if (count <= 0) return true;
    text.append(piece.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

std::vector<char*> c_strings(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (auto& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

Result<std::uint16_t> free_port() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(listener, any, size) == 0 && ::getsockname(listener, any, &size) == 0;
  ::close(listener);
  if (!bound) return fail(Errc::unavailable, "no free port on the loopback");
  return ntohs(address.sin_port);
}

std::vector<std::string> plain_environment() {
  std::vector<std::string> all;
  for (const char* name : {"PATH", "HOME", "LANG", "TMPDIR", "JAVA_HOME", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY",
                           "HTTPS_PROXY", "NO_PROXY"}) {
    if (const char* value = std::getenv(name); value != nullptr) all.push_back(fmt::format("{}={}", name, value));
  }
  return all;
}

Result<Ran> run_program(std::vector<std::string> words, std::vector<std::string> environment, std::chrono::seconds limit) {
  std::array<int, 2> output{-1, -1};
  if (::pipe2(output.data(), O_CLOEXEC) != 0) return fail(Errc::unavailable, "no pipe can be made");
  const auto arguments = c_strings(words);
  const auto variables = c_strings(environment);
  const pid_t process = ::fork();
  if (process == 0) {
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(output[1], STDOUT_FILENO);
    ::dup2(output[1], STDERR_FILENO);
    ::execvpe(arguments.front(), arguments.data(), variables.data());
    ::_exit(127);
  }
  ::close(output[1]);
  Ran ran;
  const bool ended = process > 0 && read_all(output[0], Clock::now() + limit, ran.output);
  ::close(output[0]);
  if (process < 0) return fail(Errc::unavailable, "no process can be started");
  if (!ended) ::kill(process, SIGKILL);
  int status = 0;
  ::waitpid(process, &status, 0);
  if (!ended) return fail(Errc::unavailable, fmt::format("{} did not end within {} s", words.front(), limit.count()));
  ran.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ran;
}

Result<std::string> must_run(std::vector<std::string> words, std::vector<std::string> environment, std::chrono::seconds limit) {
  const std::string name = words.front();
  TRY(Ran ran, run_program(std::move(words), std::move(environment), limit));
  if (ran.exit_code == 0) return std::move(ran.output);
  if (ran.output.size() > shown_output) ran.output.erase(0, ran.output.size() - shown_output);
  return fail(Errc::unavailable, fmt::format("{} ended with {}:\n{}", name, ran.exit_code, ran.output));
}

}  // namespace edda::bench
