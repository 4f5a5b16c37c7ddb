#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <string>

#include "cli/api.hpp"
#include "cli/terminal.hpp"

namespace edda::cli {

/// One event on one line: time, type, stream, what happened; with --json the event itself.
void print_event(const Terminal& terminal, const boost::json::value& event);

/// Prints an order's story as it happens until its saga has ended or waits for an operator, or a person interrupts.
Result<void> follow_story(const Terminal& terminal, const Api& api, const std::string& order_id);

/// Until SIGINT or SIGTERM: answers false then. Install once, before starting to wait.
class Interruption {
 public:
  Interruption();
  static bool none();
};

}  // namespace edda::cli
