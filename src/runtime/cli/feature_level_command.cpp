#include <fmt/format.h>

#include <boost/json.hpp>

#include "cli/commands.hpp"

namespace edda::cli {
namespace {

constexpr std::string_view feature_level_path = "/v1/admin/feature-level";

void print_nodes(const Terminal& terminal, const boost::json::value& seen) {
  Table table({"NODE", "KNOWS"});
  for (const auto& node : seen.at("nodes").as_array()) table.add({text_at(node, "id"), "1 to " + text_at(node, "newest")});
  table.print(terminal);
}

int show(const Terminal& terminal, const Api& api) {
  const auto seen = api.get(feature_level_path);
  if (!seen) return terminal.error(seen.error());
  if (terminal.json) return terminal.line(boost::json::serialize(*seen)), exit_ok;
  print_nodes(terminal, *seen);
  const auto level = text_at(*seen, "level");
  const auto raisable = text_at(*seen, "raisable_to");
  terminal.line(fmt::format("The store stands at feature level {}.", level));
  if (raisable != level) {
    terminal.say(fmt::format("Every node knows {0}: 'edda feature-level --raise-to {0} --reason WHY' raises it. There is no way back.", raisable));
  } else if (text_at(*seen, "newest") != level) {
    terminal.say("It cannot be raised yet: upgrade the nodes that know no more.");
  }
  return exit_ok;
}

void print_raised(const Terminal& terminal, const boost::json::value& raised) {
  const auto from = text_at(raised, "from");
  const auto to = text_at(raised, "to");
  if (raised.at("dry_run").as_bool()) print_nodes(terminal, raised);
  if (from == to) return terminal.line(fmt::format("The store stands at feature level {} already.", to));
  terminal.line(fmt::format("{} from feature level {} to {}.", raised.at("dry_run").as_bool() ? "It would be raised" : "Raised", from, to));
}

}  // namespace

int run(const Session& session, const FeatureLevelArguments& arguments) {
  const auto& terminal = session.terminal;
  const auto access = Access::open(session);
  if (!access) return terminal.error(access.error());
  if (!arguments.raise_to) return show(terminal, access->api());
  const auto raised = access->api().post(
      feature_level_path, {{"raise_to", *arguments.raise_to}, {"reason", arguments.reason}, {"dry_run", arguments.dry_run}});
  if (!raised) return terminal.error(raised.error());
  if (terminal.json) return terminal.line(boost::json::serialize(*raised)), exit_ok;
  print_raised(terminal, *raised);
  return exit_ok;
}

}  // namespace edda::cli
