#pragma once

#include <string>

#include "operators/operator_service.hpp"

namespace edda::operators {

/// Changes what one node logs, until it is changed again or the node starts anew. It leaves an entry "node.log_level_changed" in the audit
/// log, and a line in the log itself; if the entry cannot be written, the level stands and the log says so.
/// Thread-safety: callable from any thread.
class LogLevelService {
 public:
  struct Ports {
    LogControl& control;
    Audit audit;
    Log& log;
  };
  LogLevelService(Ports ports, std::string node) : ports_(std::move(ports)), node_(std::move(node)) {}

  const std::string& node() const { return node_; }
  LogLevel level() const { return ports_.control.level(); }
  /// The level before.
  Task<LogLevel> change(LogLevel to, accounts::Actor actor, Deadline deadline);

 private:
  Ports ports_;
  const std::string node_;
};

}  // namespace edda::operators
