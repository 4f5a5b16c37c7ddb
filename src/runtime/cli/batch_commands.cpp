#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <charconv>
#include <chrono>
#include <iostream>
#include <string>
#include <thread>

#include "cli/commands.hpp"
#include "cli/follow.hpp"

namespace edda::cli {
namespace {

constexpr std::chrono::milliseconds poll_interval{300};

boost::json::object filter_of(const BatchArguments& arguments) {
  boost::json::object filter;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) filter[name] = value;
  };
  add("state", arguments.state);
  add("definition", arguments.definition);
  add("step", arguments.at_step);
  add("older_than", arguments.older_than);
  add("error", arguments.error);
  return filter;
}

boost::json::object request_of(const BatchArguments& arguments) {
  boost::json::object body{{"action", arguments.act}, {"reason", arguments.reason}, {"limit", arguments.limit}, {"rate", arguments.rate}};
  if (!arguments.step.empty()) body["step"] = arguments.step;
  if (!arguments.outcome.empty()) body["outcome"] = arguments.outcome;
  if (!arguments.reference.empty()) body["reference"] = arguments.reference;
  if (arguments.sagas.empty()) {
    body["filter"] = filter_of(arguments);
  } else {
    body["ids"] = boost::json::array(arguments.sagas.begin(), arguments.sagas.end());
  }
  return body;
}

std::string counts_at(const boost::json::value& batch, const char* name) {
  std::string text;
  for (const auto& count : batch.at(name).as_object()) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", boost::json::serialize(count.value()), std::string_view(count.key()));
  }
  return text.empty() ? "none" : text;
}

void print_batch(const Terminal& terminal, const boost::json::value& batch) {
  if (terminal.json) return terminal.line(boost::json::serialize(batch));
  Table table({"batch", text_at(batch, "id")});
  table.add({"state", terminal.paint(text_at(batch, "state"))});
  table.add({"action", fmt::format("{} ({})", text_at(batch, "action"), text_at(batch, "reason"))});
  table.add({"processed", fmt::format("{} of {}", text_at(batch, "processed"), text_at(batch, "selected"))});
  table.add({"done", text_at(batch, "done")});
  table.add({"refused", counts_at(batch, "refused")});
  table.add({"failed", counts_at(batch, "failed")});
  if (const auto error = text_at(batch, "error"); !error.empty()) table.add({"error", error});
  table.print(terminal);
}

void print_preview(const Terminal& terminal, const boost::json::value& preview) {
  if (terminal.json) return terminal.line(boost::json::serialize(preview));
  Table table({"ID", "STATE", "STEP", "ORDER", "ERROR"});
  for (const auto& saga : preview.at("first").as_array())
    table.add({text_at(saga, "id"), text_at(saga, "state"), text_at(saga, "current_step"), text_at(saga, "order_id"), text_at(saga, "error")});
  table.print(terminal);
  terminal.say(fmt::format("{} sagas match; {} would be acted on.", text_at(preview, "matching"), text_at(preview, "selected")));
}

/// The count, repeated by a person at a terminal; nothing when it is not.
std::optional<std::int64_t> ask_for_count(const Terminal& terminal) {
  if (isatty(STDIN_FILENO) == 0 || terminal.json) return std::nullopt;
  fmt::print(terminal.err, "To go on, type the number of sagas that match: ");
  std::fflush(terminal.err);
  std::string line;
  if (!std::getline(std::cin, line)) return std::nullopt;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), count);
  if (error != std::errc{} || end != line.data() + line.size()) return std::nullopt;
  return count;
}

Result<boost::json::value> ended(const Api& api, boost::json::value batch) {
  const Interruption watching;
  while (text_at(batch, "state") == "running") {
    if (!Interruption::none()) {
      return fail(Errc::cancelled, fmt::format("interrupted; the batch goes on: 'edda batch show {0}', 'edda batch cancel {0} --reason WHY'",
                                               text_at(batch, "id")));
    }
    std::this_thread::sleep_for(poll_interval);
    TRY(batch, api.get("/v1/batches/" + text_at(batch, "id")));
  }
  return batch;
}

int start(const Session& session, const Api& api, const BatchArguments& arguments) {
  const auto& terminal = session.terminal;
  auto body = request_of(arguments);
  std::optional<std::int64_t> count = arguments.expected_count;
  if (arguments.dry_run || !count) {
    auto dry = body;
    dry["dry_run"] = true;
    const auto preview = api.post("/v1/batches", dry);
    if (!preview) return terminal.error(preview.error());
    print_preview(terminal, *preview);
    if (arguments.dry_run) return exit_ok;
    count = ask_for_count(terminal);
    if (!count) {
      terminal.say(fmt::format("edda: nothing was done; to do it, add --expected-count {}", text_at(*preview, "matching")));
      return exit_usage;
    }
  }
  body["expected_count"] = *count;
  auto batch = api.post("/v1/batches", body);
  if (batch && !arguments.detach) batch = ended(api, *std::move(batch));
  if (!batch) return terminal.error(batch.error());
  print_batch(terminal, *batch);
  const bool failed = text_at(*batch, "state") == "failed" || !batch->at("failed").as_object().empty();
  return failed ? exit_failure : exit_ok;
}

int list_batches(const Session& session, const Api& api) {
  const auto batches = api.get("/v1/batches");
  if (!batches) return session.terminal.error(batches.error());
  if (session.terminal.json) return session.terminal.line(boost::json::serialize(*batches)), exit_ok;
  Table table({"ID", "STATE", "ACTION", "PROCESSED", "SELECTED", "STARTED"});
  for (const auto& batch : batches->at("batches").as_array()) {
    table.add({text_at(batch, "id"), text_at(batch, "state"), text_at(batch, "action"), text_at(batch, "processed"),
               text_at(batch, "selected"), text_at(batch, "created_at")});
  }
  table.print(session.terminal);
  return exit_ok;
}

}  // namespace

int run(const Session& session, const BatchArguments& arguments) {
  const auto api = connect(session);
  if (!api) return session.terminal.error(api.error());
  if (arguments.action == "start") return start(session, *api, arguments);
  if (arguments.action == "list") return list_batches(session, *api);
  const std::string path = "/v1/batches/" + percent_encoded(arguments.id);
  auto batch = arguments.action == "cancel" ? api->post(path + "/cancel", {{"reason", arguments.reason}}) : api->get(path);
  if (!batch) return session.terminal.error(batch.error());
  print_batch(session.terminal, *batch);
  return exit_ok;
}

}  // namespace edda::cli
