#include "cluster/run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.hpp"
#include "check/checks.hpp"
#include "check/commit_watch.hpp"
#include "cluster/client.hpp"
#include "cluster/nemesis.hpp"
#include "cluster/operator.hpp"
#include "cluster/webhooks.hpp"

namespace edda::sim {
namespace {

using namespace std::chrono_literals;

// After the faults have gone everything must have come to its end within this.
constexpr Duration heal_time = 20min;
// What a stopped node may take to end: its longest deadline and then some.
constexpr Duration end_time = 3min;
constexpr Duration look_every = 500ms;

class Cluster {
 public:
  Cluster(Draws draws, const RunOptions& options, std::size_t trace_lines)
      : kernel_(std::move(draws), trace_lines),
        plan_(draw_plan(kernel_, options)),
        store_(kernel_, plan_.store),
        gateway_(kernel_, plan_.gateway),
        feed_(kernel_),
        around_{kernel_, store_, gateway_, feed_, {.approval_above = plan_.approval_above}},
        watch_(kernel_, store_),
        nemesis_(around_, plan_, nodes_),
        webhooks_(around_, nodes_),
        operator_(around_, plan_, nodes_, ledger_) {
    if (plan_.webhooks) webhooks_.start();
    for (int i = 1; i <= plan_.nodes; ++i) nodes_.push_back(std::make_unique<Node>(around_, fmt::format("n{}", i)));
    for (int i = 1; i <= plan_.clients; ++i) clients_.push_back(std::make_unique<Client>(around_, plan_, nodes_, ledger_, i));
  }

  RunResult run() {
    nemesis_.start();
    for (const auto& node : nodes_) node->start(nemesis_.draw_clocks());
    for (const auto& client : clients_) client->start();
    operator_.start();
    run_for(plan_.safety);
    if (nemesis_.dark_until() > kernel_.scheduler.now()) kernel_.scheduler.run_until(nemesis_.dark_until() + 10s);

    kernel_.note(kernel_.scheduler.world(), "phase", [] { return std::string("liveness"); });
    nemesis_.heal();
    for (const auto& client : clients_) client->hurry();
    operator_.hurry();
    settle();
    const auto simulated = kernel_.scheduler.now().time_since_epoch() - 1h;
    shut_down();
    if (!kernel_.verdict()) check_all({kernel_, plan_, store_, gateway_, feed_, ledger_, watch_});
    return result(simulated);
  }

 private:
  bool run_for(Duration span) { return kernel_.scheduler.run_until(kernel_.scheduler.now() + span); }

  /// Until nobody wants anything any more, at two looks in a row: what ended just before the first may have begun something.
  void settle() {
    const SteadyTime until = kernel_.scheduler.now() + heal_time;
    for (int looks = 0; !kernel_.verdict();) {
      looks = is_settled() ? looks + 1 : 0;
      if (looks == 2) return;
      if (kernel_.scheduler.now() >= until) {
        kernel_.broken("I1", fmt::format("not settled {} minutes after the faults had gone: {}", heal_time / 1min, unsettled()));
        return;
      }
      run_for(look_every);
    }
  }

  bool is_settled() const {
    return std::ranges::all_of(clients_, [](const auto& client) { return client->is_done(); }) &&
           std::ranges::none_of(nodes_, [](const auto& node) { return node->has_past() || node->awaits_answers(); }) &&
           operator_.is_idle() && webhooks_.under_way() == 0 && unfinished(store_.data()).empty() &&
           unpublished(store_.data()).empty();
  }
  std::string unsettled() const {
    for (const auto& client : clients_)
      if (!client->is_done()) return "a client still asks";
    for (const auto& node : nodes_) {
      if (node->has_past()) return "an earlier life of " + node->name() + " has not ended";
      if (node->awaits_answers()) return node->name() + " awaits late answers";
    }
    if (!operator_.is_idle()) return "an operator still acts";
    auto found = unfinished(store_.data());
    return found.empty() ? unpublished(store_.data()) : found;
  }

  /// The nodes end, whatever came of the run: their objects must not be torn out of their work.
  void shut_down() {
    const bool broken = kernel_.verdict().has_value();
    kernel_.scheduler.go_on();
    for (const auto& node : nodes_) {
      if (broken) node->crash();
      else node->stop();
    }
    operator_.leave();
    if (broken)
      for (const auto& client : clients_) client->leave();
    const SteadyTime until = kernel_.scheduler.now() + end_time;
    while (kernel_.scheduler.now() < until && !all_quiet()) {
      if (!run_for(look_every) && !all_quiet()) break;
      kernel_.scheduler.go_on();
    }
    if (!all_quiet()) {
      kernel_.broken("I29", "a node was asked to stop and did not");
      fmt::print(stderr, "edda-sim: {} did not end; the process cannot go on\n", unquiet());
      EDDA_ASSERT(false && "a node that was stopped ends");
    }
  }
  bool all_quiet() const { return unquiet().empty(); }
  /// Who has not ended yet.
  std::string unquiet() const {
    for (const auto& node : nodes_)
      if (!node->is_quiet()) return "node " + node->name();
    if (!std::ranges::all_of(clients_, [](const auto& client) { return client->is_done(); })) return "a client";
    return operator_.is_done() ? "" : "the operator";
  }

  RunResult result(std::chrono::nanoseconds simulated) {
    RunResult result;
    result.broken = kernel_.verdict();
    result.counters = kernel_.counters;
    result.events = kernel_.scheduler.executed();
    result.hash = kernel_.trace.hash();
    result.simulated = simulated;
    result.orders = store_.data().orders.size();
    result.draws = kernel_.draws.taken();
    result.trace = kernel_.trace.lines();
    return result;
  }

  Kernel kernel_;
  const Plan plan_;
  SimStore store_;
  Gateway gateway_;
  Feed feed_;
  const Surroundings around_;
  CommitWatch watch_;
  Ledger ledger_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<std::unique_ptr<Client>> clients_;
  Nemesis nemesis_;
  Webhooks webhooks_;
  Operator operator_;
};

}  // namespace

RunResult run_cluster(Draws draws, const RunOptions& options, std::size_t trace_lines) {
  return Cluster(std::move(draws), options, trace_lines).run();
}

}  // namespace edda::sim
