#include "cli/tasks.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <thread>

#include "cli/follow.hpp"
#include "cli/terminal.hpp"

namespace edda::cli {
namespace {

constexpr std::chrono::milliseconds task_poll_interval{200};

}  // namespace

Result<boost::json::value> run_task(const Api& api, std::string_view name) {
  TRY(auto task, api.post("/v1/admin/" + std::string(name), {}));
  const Interruption watching;
  while (text_at(task, "state") == "running") {
    if (!Interruption::none()) return fail(Errc::cancelled, "interrupted; the server goes on with it");
    std::this_thread::sleep_for(task_poll_interval);
    TRY(task, api.get("/v1/admin/tasks/" + text_at(task, "id")));
  }
  if (text_at(task, "state") == "failed") return fail(Errc::internal, text_at(task, "error"));
  return task.at("result");
}

}  // namespace edda::cli
