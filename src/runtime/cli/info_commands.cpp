#include <fmt/format.h>

#include <boost/json.hpp>

#include "cli/commands.hpp"
#include "config/report.hpp"

namespace edda::cli {

int run(const Session& session, const ConfigArguments& arguments) {
  const auto& terminal = session.terminal;
  if (arguments.action == "docs") {
    std::fputs(config::configuration_page().c_str(), terminal.out);
    return exit_ok;
  }
  if (terminal.json) return terminal.line(config::json_of(session.loaded, true)), exit_ok;
  std::fputs(config::table_of(session.loaded).c_str(), terminal.out);
  for (const auto& caution : config::cautions(session.loaded)) terminal.say("warning: " + caution);
  for (const auto& problem : config::refusals(session.loaded)) {
    terminal.say("'edda serve' would refuse: " + config::to_string(problem));
  }
  return exit_ok;
}

int run(const Session& session, const HealthArguments&) {
  const auto& terminal = session.terminal;
  const auto api = connect(session);
  if (!api) return terminal.error(api.error());
  const auto health = api->get("/health/detailed");
  if (!health) return terminal.error(health.error());
  const auto status = text_at(*health, "status");
  if (terminal.json) {
    terminal.line(boost::json::serialize(*health));
  } else {
    Table table({"server", api->url()});
    table.add({"status", terminal.paint(status)});
    for (const char* field : {"environment", "version", "uptimeSeconds"}) table.add({field, text_at(*health, field)});
    for (const auto& component : health->at("components").as_array()) {
      table.add({text_at(component, "name"),
                 fmt::format("{} {}", terminal.paint(text_at(component, "status")), text_at(component, "detail"))});
    }
    table.print(terminal);
  }
  return status == "ok" ? exit_ok : exit_failure;
}

int run(const Session& session, const OpenapiArguments&) {
  if (!session.hooks.openapi) return session.terminal.error({Errc::internal, "this build has no OpenAPI document in it"});
  session.terminal.line(session.hooks.openapi());
  return exit_ok;
}

int run(const Session& session, const VersionArguments&) {
  const auto& hooks = session.hooks;
  if (!session.terminal.json) return session.terminal.line("edda " + hooks.version), exit_ok;
  session.terminal.line(boost::json::serialize(boost::json::object{
      {"name", "edda"}, {"version", hooks.version}, {"commit", hooks.commit}, {"compiler", hooks.compiler}}));
  return exit_ok;
}

}  // namespace edda::cli
