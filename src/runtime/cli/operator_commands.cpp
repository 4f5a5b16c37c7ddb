#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "cli/commands.hpp"
#include "cli/tasks.hpp"

namespace edda::cli {
namespace {

std::string target_of(const SagaActionArguments& arguments) {
  const std::string saga = "/v1/sagas/" + percent_encoded(arguments.id);
  return arguments.action == "signal" ? saga + "/signals/" + percent_encoded(arguments.step) : saga + "/" + arguments.action;
}

boost::json::object body_of(const SagaActionArguments& arguments) {
  boost::json::object body{{"reason", arguments.reason}};
  if (arguments.action == "signal") {
    body["accepted"] = arguments.accept;
    return body;
  }
  if (!arguments.step.empty()) body["step"] = arguments.step;
  if (!arguments.outcome.empty()) body["outcome"] = arguments.outcome;
  if (!arguments.reference.empty()) body["reference"] = arguments.reference;
  return body;
}

void print_groups(const Terminal& terminal, const boost::json::value& parked) {
  Table table({"COUNT", "OLDEST", "DEFINITION", "STEP", "ERROR", "FOR EXAMPLE"});
  for (const auto& group : parked.at("groups").as_array()) {
    const auto& ids = group.at("saga_ids").as_array();
    table.add({text_at(group, "count"), text_at(group, "oldest_at"), text_at(group, "definition"), text_at(group, "step"),
               text_at(group, "error"), ids.empty() ? "" : std::string(std::string_view(ids.front().as_string()))});
  }
  table.print(terminal);
  terminal.say(fmt::format("{} parked sagas. docs/operations.md says what to do about them.", text_at(parked, "total")));
}

void print_check(const Terminal& terminal, const boost::json::value& result) {
  terminal.line(fmt::format("{} live sagas looked at by Edda {}; {} of them could not be carried on.", text_at(result, "checked"),
                            text_at(result, "version"), text_at(result, "lost_total")));
  for (const auto& lost : result.at("lost").as_array()) {
    terminal.line(fmt::format("  {} ({} version {}): {}", text_at(lost, "id"), text_at(lost, "definition"),
                              text_at(lost, "definition_version"), text_at(lost, "reason")));
  }
}

}  // namespace

// It changes what is done next: that needs a server that does it.
int run(const Session& session, const SagaActionArguments& arguments) {
  const auto api = connect(session);
  if (!api) return session.terminal.error(api.error());
  const std::string version = arguments.version > 0 ? fmt::format("\"{}\"", arguments.version) : "*";
  const auto saga = api->post(target_of(arguments), body_of(arguments), {{"If-Match", version}});
  if (!saga) return session.terminal.error(saga.error());
  if (session.terminal.json) return session.terminal.line(boost::json::serialize(*saga)), exit_ok;
  session.terminal.line(fmt::format("{}: {}", text_at(*saga, "id"), session.terminal.paint(text_at(*saga, "state"))));
  return exit_ok;
}

int run(const Session& session, const ParkedArguments&) {
  const auto access = Access::open(session);
  if (!access) return session.terminal.error(access.error());
  const auto parked = access->api().get("/v1/parked");
  if (!parked) return session.terminal.error(parked.error());
  if (session.terminal.json) return session.terminal.line(boost::json::serialize(*parked)), exit_ok;
  print_groups(session.terminal, *parked);
  return exit_ok;
}

int run(const Session& session, const SagaCheckArguments&) {
  const auto access = Access::open_to_read(session);
  if (!access) return session.terminal.error(access.error());
  const auto result = run_task(access->api(), "check-sagas");
  if (!result) return session.terminal.error(result.error());
  if (session.terminal.json) {
    session.terminal.line(boost::json::serialize(*result));
  } else {
    print_check(session.terminal, *result);
  }
  return result->at("ok").as_bool() ? exit_ok : exit_failure;
}

}  // namespace edda::cli
