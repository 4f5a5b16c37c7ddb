#include "bench/child_server.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <thread>

#include "bench/process.hpp"
#include "bench/request_text.hpp"

namespace edda::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds start_limit{60};
constexpr std::chrono::seconds stop_limit{30};
constexpr std::chrono::milliseconds look_for_start_again{2};

/// The environment of the server: nothing of the caller's that could send it to another database.
std::vector<std::string> environment() {
  return {"PATH=/usr/bin:/bin",           "EDDA_MODE=development",           "LOG_LEVEL=error",
          "EDDA_PAYMENT_SUCCESS_RATE=1",  "EDDA_PAYMENT_LATENCY_MS_MIN=0",   "EDDA_PAYMENT_LATENCY_MS_MAX=0",
          "EDDA_AUTH_REGISTRATIONS_PER_ADDRESS=1000000"};
}

[[noreturn]] void become(const std::string& program, std::vector<std::string> arguments, std::vector<std::string> variables,
                         const std::string& log) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::dup2(file, STDOUT_FILENO);
  ::dup2(file, STDERR_FILENO);
  ::execve(program.c_str(), c_strings(arguments).data(), c_strings(variables).data());
  ::_exit(127);
}

bool answers_200(const Target& target, std::string_view path) {
  HttpLink link;
  if (!link.open(target.address) || !link.send(RequestText::get(path, "").text())) return false;
  pollfd readable{link.descriptor(), POLLIN, 0};
  while (::poll(&readable, 1, 1'000) > 0) {
    const auto state = link.receive();
    if (state == AnswerReader::State::broken) return false;
    if (state == AnswerReader::State::whole) return link.answer().status() == 200;
  }
  return false;
}

}  // namespace

Result<ScratchFolder> ScratchFolder::make(const std::filesystem::path& parent) {
  std::string name = (parent / "edda-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return fail(Errc::unavailable, "no folder can be made in " + parent.string(), "--folder");
  return ScratchFolder(std::filesystem::absolute(name));
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Result<std::unique_ptr<ChildServer>> ChildServer::start(const std::filesystem::path& data) {
  TRY(const auto port, free_port());
  TRY(auto target, Target::parse(fmt::format("http://127.0.0.1:{}", port), false));
  const std::string program = std::filesystem::read_symlink("/proc/self/exe");
  std::error_code ignored;
  std::filesystem::create_directories(data, ignored);
  const pid_t process = ::fork();
  if (process < 0) return fail(Errc::unavailable, "no process can be started");
  if (process == 0) {
    become(program,
           {program, "serve", "--data", data.string(), "--host", "127.0.0.1", "--port", std::to_string(port)},
           environment(), (data / "server.log").string());
  }
  std::unique_ptr<ChildServer> server(new ChildServer(process, std::move(target)));
  TRY_VOID(server->wait_until_it_answers());
  return server;
}

Result<void> ChildServer::wait_until_it_answers() {
  const auto begin = Clock::now();
  while (Clock::now() - begin < start_limit) {
    if (answers_200(target_, "/livez")) {
      start_time_ = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin);
      return {};
    }
    if (int status = 0; ::waitpid(process_, &status, WNOHANG) == process_) {
      process_ = -1;
      return fail(Errc::unavailable, "the server to measure ended while it started");
    }
    std::this_thread::sleep_for(look_for_start_again);
  }
  return fail(Errc::unavailable, "the server to measure did not answer in time");
}

std::int64_t ChildServer::resident_bytes() const {
  std::ifstream file(fmt::format("/proc/{}/statm", process_));
  std::int64_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

void ChildServer::stop() {
  if (process_ <= 0) return;
  ::kill(process_, SIGTERM);
  const auto begin = Clock::now();
  while (::waitpid(process_, nullptr, WNOHANG) == 0) {
    if (Clock::now() - begin > stop_limit) ::kill(process_, SIGKILL);
    std::this_thread::sleep_for(look_for_start_again);
  }
  process_ = -1;
}

std::int64_t stripped_binary_bytes(const std::filesystem::path& scratch) {
  const auto copy = scratch / "stripped";
  const std::string program = std::filesystem::read_symlink("/proc/self/exe");
  const pid_t process = ::fork();
  if (process == 0) {
    ::execl("/usr/bin/strip", "strip", "-o", copy.c_str(), program.c_str(), nullptr);
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(process, &status, 0);
  std::error_code missing;
  const auto bytes = std::filesystem::file_size(copy, missing);
  return missing ? 0 : static_cast<std::int64_t>(bytes);
}

}  // namespace edda::bench
