#include <fmt/format.h>

#include <boost/json.hpp>

#include "cli/commands.hpp"
#include "cli/tasks.hpp"

namespace edda::cli {
namespace {

void print_rebuild(const Terminal& terminal, const boost::json::value& result) {
  terminal.line(fmt::format("Rebuilt the views of {} streams from {} events in {} ms; {} rows had differed.",
                            text_at(result, "streams"), text_at(result, "events"), text_at(result, "duration_ms"),
                            text_at(result, "rows_changed")));
  for (const auto& difference : result.at("differences").as_array()) {
    terminal.line(fmt::format("  {}", std::string_view(difference.as_string())));
  }
}

void print_backup(const Terminal& terminal, const boost::json::value& result) {
  terminal.line(std::string(text_at(result, "folder")));
  terminal.say(fmt::format("Copied {} MiB in {} ms.", result.at("store_bytes").to_number<std::int64_t>() >> 20, text_at(result, "duration_ms")));
}

void print_verify(const Terminal& terminal, const boost::json::value& result) {
  for (const auto& check : result.at("checks").as_array()) {
    const bool ok = check.at("ok").as_bool();
    terminal.line(fmt::format("{:<4}  {:<16}  {} looked at", terminal.paint(ok ? "ok" : "FAIL"), text_at(check, "name"),
                              text_at(check, "checked")));
    for (const auto& fault : check.at("faults").as_array()) {
      terminal.line(fmt::format("      {}", std::string_view(fault.as_string())));
    }
    if (text_at(check, "name") != "ledger") continue;  // the others' notes are about what is under way, and may be many
    for (const auto& note : check.at("notes").as_array()) {
      terminal.line(fmt::format("      {}", std::string_view(note.as_string())));
    }
  }
}

}  // namespace

int run(const Session& session, const StoreArguments& arguments) {
  const auto& terminal = session.terminal;
  const auto access = arguments.action == "verify" ? Access::open_to_read(session) : Access::open(session);
  if (!access) return terminal.error(access.error());
  const auto finished = run_task(access->api(), arguments.action);
  if (!finished) return terminal.error(finished.error());
  const auto& result = *finished;
  if (terminal.json) {
    terminal.line(boost::json::serialize(result));
  } else if (arguments.action == "rebuild") {
    print_rebuild(terminal, result);
  } else if (arguments.action == "backup") {
    print_backup(terminal, result);
  } else {
    print_verify(terminal, result);
  }
  const bool sound = arguments.action != "verify" || result.at("ok").as_bool();
  if (!sound) terminal.say("edda: the store is not sound; stop the server, keep a copy of the data folder, and see docs/operations.md");
  return sound ? exit_ok : exit_failure;
}

}  // namespace edda::cli
