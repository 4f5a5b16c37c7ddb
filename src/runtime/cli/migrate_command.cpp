#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/session.hpp"

namespace edda::cli {

int run(const Session& session, const MigrateArguments&) {
  const auto& terminal = session.terminal;
  auto server = start_privately(session);  // what opens a store brings it up to date, one process at a time
  if (!server) return terminal.error(server.error());
  if (const auto stopped = (*server)->stop(); !stopped) return terminal.error(stopped.error());
  terminal.say(fmt::format("Made {} ready for Edda {}.", store_of(session.loaded.config), session.hooks.version));
  return exit_ok;
}

}  // namespace edda::cli
