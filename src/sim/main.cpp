#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>

#include "cluster/campaign.hpp"
#include "cluster/run.hpp"
#include "commit.hpp"
#include "kernel/draws_text.hpp"
#include "cluster/planted_bugs.hpp"

namespace {

using namespace edda::sim;

void list_bugs() {
  for (const auto& bug : planted_bugs()) fmt::print("{:<28} {}\n", bug.name, bug.what);
}

/// One run from its list of draws, told in full.
int replay(const std::string& text, const CampaignOptions& options) {
  const auto draws = parse_draws(text);
  if (!draws) {
    fmt::print(stderr, "edda-sim: --draws is no list of draws\n");
    return 2;
  }
  const RunResult result = run_cluster(Draws(*draws), options.run, options.trace_lines);
  for (const auto& line : result.trace) fmt::print("{}\n", line);
  if (result.broken) fmt::print("broken {}: {}\n", result.broken->invariant, result.broken->what);
  else fmt::print("nothing is broken ({} events)\n", result.events);
  return result.broken ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  CampaignOptions options;
  options.commit = EDDA_SIM_COMMIT;
  std::string bug;
  std::string draws;
  bool list = false;
  CLI::App app{"Runs whole simulated clusters of Edda, each decided by one seed, and judges what they did."};
  app.add_option("--seeds", options.seeds, "How many seeds to run")->capture_default_str();
  app.add_option("--start", options.start, "The first seed")->capture_default_str();
  app.add_option("--seconds", options.seconds, "End after so many seconds, whatever seeds are left (0: never)");
  app.add_option("--nodes", options.run.nodes, "Nodes in each cluster")->capture_default_str()->check(CLI::Range(1, 9));
  app.add_flag("--trace", options.trace, "Print the end of each run's trace");
  app.add_option("--lines", options.trace_lines, "Lines of a trace")->capture_default_str();
  app.add_option("--bug", bug, "Plant a bug, and end with 1 when a check found it");
  app.add_flag("--list-bugs", list, "The bugs that can be planted");
  app.add_option("--draws", draws, "Run one list of draws once more, as a failure printed it");
  app.add_flag("--json", options.json, "The summary as JSON on stdout");
  CLI11_PARSE(app, argc, argv);

  if (list) {
    list_bugs();
    return 0;
  }
  if (!bug.empty()) {
    const auto planted = find_planted_bug(bug);
    if (!planted) {
      fmt::print(stderr, "edda-sim: there is no bug '{}'; --list-bugs shows them\n", bug);
      return 2;
    }
    edda::planted::active = planted->bug;
    options.bug = bug;
  }
  if (!draws.empty()) return replay(draws, options);
  return run_campaign(options);
}
