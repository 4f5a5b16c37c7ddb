#pragma once

#include <chrono>
#include <csignal>
#include <memory>

#include "cli/session.hpp"

namespace edda::cli {

/// SIGINT and SIGTERM are held back from every thread started while this lives, and waited for here. After the first one they act
/// as usual again: a second Ctrl-C ends a process that will not stop.
class StopSignals {
 public:
  StopSignals();
  void wait();
  /// True once a signal came; false after `time`.
  bool wait_for(std::chrono::milliseconds time);

 private:
  void release();
  sigset_t signals_{};
};

/// Refuses what must not serve, starts the server, and says where everything is.
/// On failure, and when a signal came first, everything was said and stopped already; the error is the exit code.
std::expected<std::unique_ptr<RunningServer>, int> start_serving(const Session& session, StopSignals& signals);

/// Ends what start_serving began; the exit code.
int stop_serving(const Session& session, RunningServer& server);

}  // namespace edda::cli
