#include <fmt/format.h>

#include <boost/json.hpp>

#include "cli/commands.hpp"

namespace edda::cli {
namespace {

int list_sagas(const Session& session, const Api& api, const SagaArguments& arguments) {
  const auto query = Query()
                         .add("state", arguments.state)
                         .add("step", arguments.step)
                         .add("older_than", arguments.older_than)
                         .add("limit", std::to_string(arguments.limit))
                         .add("cursor", arguments.cursor);
  const auto page = api.get("/v1/sagas" + query.text());
  if (!page) return session.terminal.error(page.error());
  if (session.terminal.json) return session.terminal.line(boost::json::serialize(*page)), exit_ok;
  Table table({"ID", "STATE", "STEP", "ORDER", "CREATED", "ERROR"});
  for (const auto& saga : page->at("sagas").as_array()) {
    table.add({text_at(saga, "id"), text_at(saga, "state"), text_at(saga, "current_step"), text_at(saga, "order_id"),
               text_at(saga, "created_at"), text_at(saga, "error")});
  }
  table.print(session.terminal);
  if (text_at(*page, "has_more") == "true") {
    session.terminal.say(fmt::format("More: add --cursor {}", text_at(*page, "next_cursor")));
  }
  return exit_ok;
}

int get(const Session& session, const Api& api, const SagaArguments& arguments) {
  const auto saga = api.get("/v1/sagas/" + percent_encoded(arguments.id));
  if (!saga) return session.terminal.error(saga.error());
  if (session.terminal.json) return session.terminal.line(boost::json::serialize(*saga)), exit_ok;
  Table table({"saga", text_at(*saga, "id")});
  table.add({"state", session.terminal.paint(text_at(*saga, "state"))});
  for (const char* field : {"definition", "order_id", "current_step", "error", "created_at", "updated_at"}) {
    table.add({field, text_at(*saga, field)});
  }
  for (const auto& step : saga->at("steps").as_array()) {
    table.add({"step", fmt::format("{}: {}, {} attempt(s)", text_at(step, "name"), text_at(step, "state"), text_at(step, "attempts"))});
  }
  table.print(session.terminal);
  return exit_ok;
}

}  // namespace

int run(const Session& session, const SagaArguments& arguments) {
  const auto access = Access::open(session);
  if (!access) return session.terminal.error(access.error());
  const Api& api = access->api();
  return arguments.action == "list" ? list_sagas(session, api, arguments) : get(session, api, arguments);
}

}  // namespace edda::cli
