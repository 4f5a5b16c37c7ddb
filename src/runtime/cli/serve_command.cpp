#include <fmt/format.h>

#include <csignal>
#include <filesystem>

#include "cli/commands.hpp"
#include "cli/serving.hpp"
#include "config/setting.hpp"

namespace edda::cli {
namespace {

void say_where_everything_is(const Session& session, const RunningServer& server) {
  const auto& terminal = session.terminal;
  const auto mode = config::show(*config::find_setting("server.mode"), session.loaded.config);
  std::error_code ignored;
  const auto data = std::filesystem::absolute(session.loaded.config.server.data, ignored);
  terminal.say(fmt::format("Edda {} serves.", session.hooks.version));
  terminal.say(fmt::format("  API       {}", server.url()));
  terminal.say(fmt::format("  API docs  {}/api/docs", server.url()));
  terminal.say(fmt::format("  Data      {}", data.lexically_normal().string()));
  terminal.say(fmt::format("  Mode      {}", mode));
  terminal.say(fmt::format("  Admin     {}", admin_hint(session, server.admin())));
  terminal.say("  Stop      Ctrl-C, or SIGTERM");
}

}  // namespace

StopSignals::StopSignals() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
}

void StopSignals::wait() {
  int signal = 0;
  while (sigwait(&signals_, &signal) != 0) continue;
  release();
}

bool StopSignals::wait_for(std::chrono::milliseconds time) {
  const timespec limit{time.count() / 1000, (time.count() % 1000) * 1'000'000};
  if (sigtimedwait(&signals_, nullptr, &limit) < 0) return false;
  release();
  return true;
}

void StopSignals::release() { pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr); }

std::expected<std::unique_ptr<RunningServer>, int> start_serving(const Session& session, StopSignals& signals) {
  const auto& terminal = session.terminal;
  const auto refusals = config::refusals(session.loaded);
  if (!refusals.empty()) {
    terminal.say("edda: not started, because of the configuration:");
    for (const auto& problem : refusals) terminal.say("  " + config::to_string(problem));
    return std::unexpected(exit_usage);
  }
  for (const auto& caution : config::cautions(session.loaded)) terminal.say("warning: " + caution);
  // A server outlives whoever reads its log, and a file that may not grow is an error of the write, answered like a full disk.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  if (!session.hooks.start) return std::unexpected(terminal.error({Errc::internal, "this build has no server in it"}));
  bool stop = false;
  auto server = session.hooks.start(session.loaded, true,
                                    [&] { return stop = stop || signals.wait_for(std::chrono::milliseconds(0)); });
  if (stop) {
    if (server) return std::unexpected(stop_serving(session, **server));
    terminal.say("Stopped before it had started.");
    return std::unexpected(exit_ok);
  }
  if (!server) return std::unexpected(terminal.error(server.error()));
  say_where_everything_is(session, **server);
  return *std::move(server);
}

int stop_serving(const Session& session, RunningServer& server) {
  session.terminal.say("Stopping: no new requests, those under way are answered (Ctrl-C again ends it at once) ...");
  if (const auto stopped = server.stop(); !stopped) return session.terminal.error(stopped.error());
  session.terminal.say("Stopped.");
  return exit_ok;
}

int run(const Session& session, const ServeArguments&) {
  StopSignals signals;
  const auto server = start_serving(session, signals);
  if (!server) return server.error();
  signals.wait();
  return stop_serving(session, **server);
}

}  // namespace edda::cli
