#include "bench/cluster_suite.hpp"

#include <fmt/ranges.h>
#include <signal.h>

#include <array>
#include <fstream>
#include <set>
#include <thread>

#include "bench/child_server.hpp"
#include "bench/duplicates.hpp"
#include "bench/feed_reader.hpp"
#include "bench/load.hpp"
#include "bench/local_cluster.hpp"
#include "bench/numbers.hpp"
#include "bench/pgbench.hpp"
#include "bench/report.hpp"

namespace edda::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

constexpr std::size_t cluster_accounts = 8;
constexpr std::size_t lanes_a_node = 1;  // lanes.count as it comes
constexpr std::size_t concurrent_duplicates = 5;
constexpr milliseconds look_again{50};
constexpr seconds shards_limit{30};

class ClusterSuite {
 public:
  ClusterSuite(const Options& options, ScratchFolder scratch)
      : options_(options), scratch_(std::move(scratch)), quick_(options.quick), slice_(quick_ ? 2'000 : 6'000) {}

  Result<boost::json::object> run();

 private:
  Result<void> begin();
  Result<void> throughput();
  Result<void> sixteen_connections();
  Result<void> shares();
  Result<void> duplicates();
  Result<void> feed();
  Result<void> steady_counts();
  Result<void> growth();
  Result<void> kill_nodes();
  Result<double> kill_one(const std::string& node);
  Result<std::optional<double>> longest_gap(const std::string& node, const std::string& ends, std::size_t shards, double killed_at);
  Result<LoadResult> load(LoadPlan plan);
  Result<double> sum(const std::string& metric);
  Result<void> wait_for_shares(std::size_t nodes);
  Result<std::string> now_of_store() {
    TRY(auto row, cluster_->query_row("SELECT clock_timestamp()", 1));
    return std::move(row.front());
  }
  LoadPlan plan(milliseconds duration) const {
    LoadPlan plan;
    plan.address = cluster_->front().address;
    plan.tokens = tokens_;
    plan.duration = duration;
    return plan;
  }

  const Options& options_;
  ScratchFolder scratch_;
  const bool quick_;
  const milliseconds slice_;
  std::unique_ptr<LocalCluster> cluster_;
  std::vector<std::string> tokens_;
  Clock::time_point begin_;
  double take_overs_ = 0;
  double lapses_ = 0;
  double highest_rate_ = 0;
  boost::json::object errors_;
  boost::json::object figures_;
};

/// Of all nodes.
Result<double> ClusterSuite::sum(const std::string& metric) {
  double sum = 0;
  for (std::size_t node = 0; node < cluster_->nodes().size(); ++node) {
    TRY(const double one, cluster_->metric(node, metric));
    sum += one;
  }
  return sum;
}

Result<LoadResult> ClusterSuite::load(LoadPlan plan) {
  TRY(auto result, run_load(plan));
  for (const auto& [kind, count] : result.errors) {
    auto& all = errors_[kind];
    all = count + (all.is_uint64() ? all.get_uint64() : 0);
  }
  return result;
}

/// Until so many nodes own all shards, none of them more than its fair share.
Result<void> ClusterSuite::wait_for_shares(std::size_t nodes) {
  const auto until = Clock::now() + shards_limit;
  for (;;) {
    TRY(const auto shares,
        cluster_->query_row("SELECT count(DISTINCT owner), coalesce(max(n) - min(n), 0), coalesce(bool_and(alive), false) FROM (SELECT s.owner,"
                            " count(*) AS n, bool_and(o.alive_until > now()) AS alive FROM shards s JOIN nodes o ON o.node = s.owner GROUP BY s.owner) f",
                            3));
    if (shares[0] == std::to_string(nodes) && std::stoi(shares[1]) <= 1 && shares[2] == "t") return {};
    if (Clock::now() > until) return fail(Errc::unavailable, fmt::format("The nodes do not share the shards evenly: {}", fmt::join(shares, ", ")));
    std::this_thread::sleep_for(look_again);
  }
}

Result<void> ClusterSuite::begin() {
  if (options_.cluster.empty()) {
    say("Starting three nodes, PostgreSQL, Kafka, Redis, nginx and a payment gateway ...");
    TRY(cluster_, LocalCluster::start(scratch_.path() / "cluster", options_.shards));
  } else {
    TRY(cluster_, LocalCluster::join(options_.cluster));
  }
  if (cluster_->nodes().size() != 3) return fail(Errc::unavailable, "The suite measures three nodes.", "--cluster");
  TRY(tokens_, register_accounts(cluster_->front(), cluster_accounts));
  TRY_VOID(wait_for_shares(3));
  TRY(take_overs_, sum("edda_shard_take_overs_total"));
  TRY(lapses_, sum("edda_lease_lapses_total"));
  begin_ = Clock::now();
  return {};
}

Result<void> ClusterSuite::throughput() {
  TRY(auto pgbench, PgBench::prepare(*cluster_, scratch_.path()));
  const auto limit_slice = std::chrono::duration_cast<seconds>(slice_);
  std::vector<double> sagas, limits, ratios, batches;
  boost::json::array rounds;
  // A first load warms everything up, and says how many turns a batch has.
  std::size_t batch = 0;
  for (int round = quick_ ? 1 : 0; round < (quick_ ? 2 : 6); ++round) {
    TRY(const double turns_before, sum("edda_turns_total"));
    TRY(const double batches_before, sum("edda_append_batches_total"));
    TRY_VOID(cluster_->settle());
    TRY(const double before, batch == 0 ? Result<double>(0) : pgbench.run(batch, 3 * lanes_a_node, limit_slice));
    TRY_VOID(cluster_->settle());
    TRY(const auto result, load(plan(slice_)));
    TRY(const double turns, sum("edda_turns_total"));
    TRY(const double appended, sum("edda_append_batches_total"));
    const double mean = (turns - turns_before) / std::max(1.0, appended - batches_before);
    batch = static_cast<std::size_t>(mean + 0.5);
    if (round == 0) continue;
    TRY_VOID(cluster_->settle());
    TRY(const double after, pgbench.run(batch, 3 * lanes_a_node, limit_slice));
    const double limit = before > 0 ? (before + after) / 2 : after;
    const double rate = result.sagas_ended_per_second.value_or(0);
    say(fmt::format("  round {}: {:.0f} sagas/s, {:.1f} turns a batch, pgbench {:.0f} and {:.0f}", round, rate, mean, before, after));
    sagas.push_back(rate);
    limits.push_back(limit);
    ratios.push_back(rate / limit);
    batches.push_back(mean);
    rounds.push_back(boost::json::object{{"sagas_per_second", rate}, {"pgbench_before", before}, {"pgbench_after", after}, {"turns_a_batch", mean}});
    if (round == 1) figures_["place_answer_ms"] = json_of(result.latency);
  }
  highest_rate_ = median(sagas);
  figures_["sagas_per_second"] = highest_rate_;
  figures_["pgbench_sagas_per_second"] = median(limits);
  figures_["sagas_over_pgbench"] = median(ratios);
  figures_["turns_a_batch"] = median(batches);
  figures_["rounds"] = std::move(rounds);
  return {};
}

/// By the store's own times: from the commit that accepted an order to the one that ended its saga.
Result<void> ClusterSuite::sixteen_connections() {
  TRY(const auto since, now_of_store());
  LoadPlan sixteen = plan(slice_);
  sixteen.connections = 16;
  sixteen.follow_every = 20;
  sixteen.look_every = milliseconds(2);
  TRY(const auto result, load(sixteen));
  TRY(const auto words,
      cluster_->query_row(
          fmt::format("SELECT count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY ms), percentile_disc(0.99) WITHIN GROUP (ORDER BY ms), max(ms)"
                      " FROM (SELECT extract(epoch FROM updated_at - created_at) * 1000 AS ms FROM saga_view"
                      " WHERE created_at > '{}' AND status = 'completed') s",
                      since),
          4));
  if (words[0] == "0") return fail(Errc::unavailable, "No saga was completed.");
  figures_["accepted_to_completed_ms"] = {
      {"count", std::stoll(words[0])}, {"p50", std::stod(words[1])}, {"p99", std::stod(words[2])}, {"max", std::stod(words[3])}};
  figures_["place_to_completed_ms"] = json_of(result.place_to_completed);
  figures_["sixteen_sagas_per_second"] = result.sagas_ended_per_second.value_or(0);
  return {};
}

Result<void> ClusterSuite::shares() {
  TRY(const auto since, now_of_store());
  LoadPlan orders = plan(seconds(60));
  orders.connections = 16;
  orders.warm_up = milliseconds(0);
  orders.orders_max = quick_ ? 600 : 3'000;
  TRY_VOID(load(orders));
  TRY(const auto rows,
      cluster_->query(fmt::format("SELECT node, count(*) FROM events WHERE type = 'OrderCreated' AND at > '{}' GROUP BY node", since)));
  boost::json::object by_node;
  double all = 0, furthest = 0;
  for (const auto& row : rows) {
    by_node[row[0]] = std::stoll(row[1]);
    all += std::stod(row[1]);
  }
  for (const auto& [node, count] : by_node) furthest = std::max(furthest, std::abs(100 * static_cast<double>(count.as_int64()) / all - 100.0 / 3));
  if (by_node.size() != 3) furthest = 100.0 / 3;
  figures_["shares"] = {{"orders", all}, {"by_node", by_node}, {"furthest_points", furthest}};
  return {};
}

Result<void> ClusterSuite::duplicates() {
  TRY(const auto result, run_duplicates(cluster_->nodes(), tokens_.front(), quick_ ? 30 : 1'000, concurrent_duplicates));
  figures_["duplicates"] = {{"rounds", result.rounds},
                            {"right", result.right},
                            {"share_right", static_cast<double>(result.right) / static_cast<double>(std::max<std::size_t>(1, result.rounds))},
                            {"winner_ms", json_of(result.winners)},
                            {"loser_ms", json_of(result.losers)},
                            {"lock_ms", json_of(result.lock)},
                            {"lock_request_ms", json_of(result.lock_requests)}};
  return {};
}

/// Half of the highest rate, so that what is measured is the way and not a queue.
Result<void> ClusterSuite::feed() {
  auto reader = FeedReader::open(cluster_->broker());
  if (!reader) {
    say("  no feed: " + reader.error().message);
    return {};
  }
  LoadPlan open = plan(slice_);
  open.rate = std::max(1.0, highest_rate_ / 2);
  TRY_VOID(load(open));
  figures_["feed_delay_ms"] = json_of((*reader)->stop());
  return {};
}

Result<void> ClusterSuite::steady_counts() {
  TRY(const double taken, sum("edda_shard_take_overs_total"));
  TRY(const double lapses, sum("edda_lease_lapses_total"));
  const double minutes = std::chrono::duration<double>(Clock::now() - begin_).count() / 60;
  figures_["faultless"] = {{"take_overs", taken - take_overs_}, {"lease_lapses", lapses - lapses_}, {"minutes", minutes}};
  double most = 0;
  for (std::size_t node = 0; node < cluster_->nodes().size(); ++node) {
    TRY(const double bytes, cluster_->metric(node, "process_resident_memory_bytes"));
    most = std::max(most, bytes);
  }
  figures_["node_bytes_max"] = most;
  return {};
}

/// Nodes go one after the other; nginx leaves out what is not there. Then all of them are back.
Result<void> ClusterSuite::growth() {
  boost::json::object growth;
  for (std::size_t nodes = 3; nodes > 0; --nodes) {
    if (nodes < 3) {
      TRY_VOID(cluster_->signal(fmt::format("node-{}", nodes + 1), SIGTERM));
      TRY_VOID(wait_for_shares(nodes));
    }
    TRY(const auto result, load(plan(slice_)));
    const double rate = result.sagas_ended_per_second.value_or(0);
    constexpr std::array names{"one", "two", "three"};
    growth[names.at(nodes - 1)] = rate;
    say(fmt::format("  {} nodes: {:.0f} sagas/s", nodes, rate));
  }
  figures_["growth"] = std::move(growth);
  TRY_VOID(cluster_->up());
  return wait_for_shares(3);
}

/// Seconds from the kill to the last of the shards' first completed steps elsewhere; none while there is a shard without.
Result<std::optional<double>> ClusterSuite::longest_gap(const std::string& node, const std::string& ends, std::size_t shards, double killed_at) {
  TRY(const auto row,
      cluster_->query_row(
          fmt::format("SELECT count(first), extract(epoch FROM max(first)) FROM (SELECT (SELECT e.at FROM events e WHERE e.shard = was.shard"
                      " AND e.pos > was.last_pos AND e.node <> '{}' AND e.type = 'SagaStepCompleted' ORDER BY e.pos LIMIT 1) AS first"
                      " FROM (VALUES {}) was(shard, last_pos)) f",
                      node, ends),
          2));
  if (row[0] != std::to_string(shards)) return std::nullopt;
  return std::stod(row[1]) - killed_at;
}

Result<double> ClusterSuite::kill_one(const std::string& node) {
  TRY(const auto owned, cluster_->query(fmt::format("SELECT '(' || shard || ',' || last_pos || ')' FROM shards WHERE owner = '{}'", node)));
  std::string ends;
  for (const auto& row : owned) ends += (ends.empty() ? "" : ",") + row.front();
  const double killed_at = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  TRY_VOID(cluster_->signal(node, SIGKILL));
  for (const auto until = Clock::now() + shards_limit; Clock::now() < until;) {
    TRY(const auto gap, longest_gap(node, ends, owned.size(), killed_at));
    if (gap) return *gap;
    std::this_thread::sleep_for(look_again);
  }
  return fail(Errc::unavailable, "Nobody went on with the shards of " + node);
}

/// Under a load that leaves the machine some time, as a machine has that is meant to survive a node.
Result<void> ClusterSuite::kill_nodes() {
  std::vector<double> gaps;
  for (int number = 1; number <= (quick_ ? 1 : 3); ++number) {
    const std::string node = fmt::format("node-{}", number);
    LoadPlan open = plan(seconds(quick_ ? 4 : 8));
    open.rate = std::max(1.0, highest_rate_ / 2);
    open.connections = 32;
    std::jthread orders([open] { static_cast<void>(run_load(open)); });
    std::this_thread::sleep_for(seconds(2));
    TRY(const double gap, kill_one(node));
    orders.join();
    say(fmt::format("  {}: {:.2f} s", node, gap));
    gaps.push_back(gap);
    TRY_VOID(cluster_->up());
    TRY_VOID(wait_for_shares(3));
  }
  figures_["kill"] = {{"longest_s", *std::ranges::max_element(gaps)}, {"median_s", median(gaps)}};
  return {};
}

double load_average() {
  double minute = 0;
  std::ifstream("/proc/loadavg") >> minute;
  return minute;
}

Result<boost::json::object> ClusterSuite::run() {
  figures_["suite"] = "cluster";
  figures_["cores"] = std::thread::hardware_concurrency();
  figures_["load_average_before"] = load_average();
  TRY_VOID(begin());
  say("Sagas at 64 connections, and pgbench, in turns ...");
  TRY_VOID(throughput());
  say("16 connections ...");
  TRY_VOID(sixteen_connections());
  say("Who takes the orders ...");
  TRY_VOID(shares());
  say("Five orders of one product at a time, and locks ...");
  TRY_VOID(duplicates());
  say("The feed at half of the highest rate ...");
  TRY_VOID(feed());
  TRY_VOID(steady_counts());
  if (!quick_) {
    say("Three nodes, two, one ...");
    TRY_VOID(growth());
  }
  say("Nodes are killed ...");
  TRY_VOID(kill_nodes());
  figures_["errors"] = std::move(errors_);
  return std::move(figures_);
}

}  // namespace

Result<boost::json::object> run_cluster(const Options& options) {
  TRY(auto scratch, ScratchFolder::make(options.folder));
  // The servers have a user of their own where they are started by root.
  std::filesystem::permissions(scratch.path(), std::filesystem::perms(0755));
  return ClusterSuite(options, std::move(scratch)).run();
}

}  // namespace edda::bench
