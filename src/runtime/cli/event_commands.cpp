#include <boost/json.hpp>

#include "cli/commands.hpp"
#include "cli/follow.hpp"

namespace edda::cli {
namespace {

int follow(const Session& session, const Api& api, const EventArguments& arguments) {
  const Interruption watching;
  const auto query =
      Query().add("type", arguments.type).add("correlation_id", arguments.correlation).add("cursor", arguments.cursor);
  const auto followed = api.events(
      "/v1/events/stream" + query.text(),
      [&](std::string_view type, std::string_view data) {
        boost::system::error_code error;
        const auto event = boost::json::parse(data, error);
        if (type == "dropped") session.terminal.say("edda: this reader was too slow; the server dropped it");
        else if (!error && event.is_object()) print_event(session.terminal, event);
        return true;
      },
      Interruption::none);
  return followed ? exit_ok : session.terminal.error(followed.error());
}

}  // namespace

int run(const Session& session, const EventArguments& arguments) {
  if (arguments.follow) {
    const auto api = connect(session);
    return api ? follow(session, *api, arguments) : session.terminal.error(api.error());
  }
  const auto access = Access::open(session);
  if (!access) return session.terminal.error(access.error());
  // The log reads forwards only; the newest events come from the trace.
  const auto query = Query().add("limit", std::to_string(arguments.count)).add("eventType", arguments.type);
  const auto page = access->api().get("/trace/events" + query.text());
  if (!page) return session.terminal.error(page.error());
  const auto& events = page->at("events").as_array();
  for (auto event = events.rbegin(); event != events.rend(); ++event) print_event(session.terminal, *event);
  return exit_ok;
}

}  // namespace edda::cli
