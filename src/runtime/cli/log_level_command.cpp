#include <fmt/format.h>

#include <boost/json.hpp>

#include "cli/commands.hpp"

namespace edda::cli {
namespace {

constexpr std::string_view log_level_path = "/v1/admin/log-level";

}  // namespace

int run(const Session& session, const LogLevelArguments& arguments) {
  const auto& terminal = session.terminal;
  const auto access = Access::open(session);
  if (!access) return terminal.error(access.error());
  const bool changes = !arguments.level.empty();
  const auto answer = changes ? access->api().post(log_level_path, {{"level", arguments.level}, {"reason", arguments.reason}}) : access->api().get(log_level_path);
  if (!answer) return terminal.error(answer.error());
  if (terminal.json) return terminal.line(boost::json::serialize(*answer)), exit_ok;
  const auto node = text_at(*answer, "node");
  if (changes) terminal.line(fmt::format("{} logs from {} on (before: from {}).", node, text_at(*answer, "to"), text_at(*answer, "from")));
  else terminal.line(fmt::format("{} logs from {} on.", node, text_at(*answer, "level")));
  return exit_ok;
}

}  // namespace edda::cli
