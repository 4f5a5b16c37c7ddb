#include "bench/suite.hpp"

#include <sys/statfs.h>

#include <linux/magic.h>

#include <thread>

#include "bench/bare_store.hpp"
#include "bench/child_server.hpp"
#include "bench/numbers.hpp"
#include "bench/report.hpp"

namespace edda::bench {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::size_t batch_turns = 64;
constexpr std::size_t accounts = 8;
constexpr std::uint64_t small_store_orders = 10'000;
constexpr std::size_t fill_connections = 128;
// Enough for a p99, and so few that looking for their ends does not become the load.
constexpr double followed_per_second = 100;
constexpr const char* hot_product = "BENCH-HOT";

class Suite {
 public:
  Suite(const Options& options, ScratchFolder folder)
      : options_(options), folder_(std::move(folder)), rounds_(options.quick ? 3 : 5), slice_(options.quick ? 2'000 : 4'000) {}

  Result<boost::json::object> run();

 private:
  Result<double> bare_slice();
  Result<void> throughput();
  Result<void> tracked();
  Result<void> one_connection();
  Result<void> open_model();
  Result<void> noop();
  Result<void> growth();
  Result<void> fill(const ChildServer& server, const std::vector<std::string>& tokens, std::uint64_t orders);
  Result<double> small_store_slice();
  LoadPlan plan(const ChildServer& server, const std::vector<std::string>& tokens, milliseconds duration) const {
    LoadPlan plan;
    plan.address = server.target().address;
    plan.tokens = tokens;
    plan.duration = duration;
    return plan;
  }

  const Options& options_;
  ScratchFolder folder_;
  const int rounds_;
  const milliseconds slice_;
  std::unique_ptr<ChildServer> server_;
  std::vector<std::string> tokens_;
  TurnMaker turns_{accounts};
  std::unique_ptr<BareStore> bare_;
  std::uint64_t orders_ = 0;
  double highest_rate_ = 0;
  boost::json::object figures_;
};

/// Rows are made outside the measured time, a part of a second's worth at once.
Result<double> Suite::bare_slice() {
  Clock::duration spent{};
  std::size_t sagas = 0;
  while (spent < slice_ / 2) {
    std::vector<MadeBatch> batches;
    for (int i = 0; i < 32; ++i) batches.push_back(turns_.batch(batch_turns));
    const auto begin = Clock::now();
    for (const auto& batch : batches) TRY_VOID(bare_->write(batch));
    spent += Clock::now() - begin;
    sagas += batches.size() * batch_turns / 2;
  }
  return static_cast<double>(sagas) / std::chrono::duration<double>(spent).count();
}

Result<void> Suite::throughput() {
  std::vector<double> sagas, limits, ratios;
  boost::json::array rounds;
  LoadResult all;
  for (int round = 0; round < rounds_; ++round) {
    TRY(const double before, bare_slice());
    TRY(auto load, run_load(plan(*server_, tokens_, slice_)));
    TRY(const double after, bare_slice());
    const double limit = (before + after) / 2;
    const double rate = load.sagas_ended_per_second.value_or(0);
    say(fmt::format("  round {}: {:.0f} sagas/s, the bare loop {:.0f} and {:.0f}", round + 1, rate, before, after));
    sagas.push_back(rate);
    limits.push_back(limit);
    ratios.push_back(rate / limit);
    rounds.push_back(boost::json::object{{"sagas_per_second", rate}, {"limit_before", before}, {"limit_after", after}});
    orders_ += load.accepted;
    all.latency.merge(load.latency);
    for (const auto& [kind, count] : load.errors) all.errors[kind] += count;
  }
  highest_rate_ = median(sagas);
  figures_["sagas_per_second"] = highest_rate_;
  figures_["limit_sagas_per_second"] = median(limits);
  figures_["sagas_over_limit"] = median(ratios);
  figures_["rounds"] = std::move(rounds);
  figures_["place_answer_ms"] = json_of(all.latency);
  boost::json::object errors;
  for (const auto& [kind, count] : all.errors) errors[kind] = count;
  figures_["errors"] = std::move(errors);
  return {};
}

/// Orders of one tracked product, all of the same, and of one that is not tracked, in turns: each tracked order is two turns more, one of them
/// on the product's stream.
Result<void> Suite::tracked() {
  TRY_VOID(register_product(folder_.path() / "server", hot_product));
  std::vector<double> with, without, ratios;
  for (int round = 0; round < rounds_; ++round) {
    TRY(const auto untracked, run_load(plan(*server_, tokens_, slice_)));
    LoadPlan hot = plan(*server_, tokens_, slice_);
    hot.product = hot_product;
    TRY(const auto load, run_load(hot));
    orders_ += untracked.accepted + load.accepted;
    without.push_back(untracked.sagas_ended_per_second.value_or(0));
    with.push_back(load.sagas_ended_per_second.value_or(0));
    ratios.push_back(without.back() > 0 ? with.back() / without.back() : 0);
    say(fmt::format("  round {}: {:.0f} sagas/s of one tracked product, {:.0f} untracked", round + 1, with.back(), without.back()));
  }
  figures_["tracked"] = {{"sagas_per_second", median(with)}, {"untracked", median(without)}, {"ratio", median(ratios)}};
  return {};
}

/// One order at a time, and after each one bare commit of one turn: placings and outcomes in turn, as the server commits them.
Result<void> Suite::one_connection() {
  Histogram commits;
  Result<void> failed;
  const auto commit_one = [&] {
    for (const bool placing : {true, false}) {
      MadeBatch batch;
      batch.turns.push_back(placing ? turns_.placing() : turns_.charged());
      batch.totals.emplace_back("order", placing ? "pending" : "paid", 1);
      const auto begin = Clock::now();
      if (auto written = bare_->write(batch); !written) failed = std::move(written);
      const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin).count();
      commits.record(static_cast<std::uint64_t>(micros));
    }
  };
  LoadPlan one = plan(*server_, tokens_, slice_ * 2);
  one.connections = 1;
  one.follow_every = 1;
  one.one_saga_at_a_time = true;
  one.look_every = std::chrono::microseconds(100);
  one.between = commit_one;
  TRY(const auto load, run_load(one));
  TRY_VOID(std::move(failed));
  orders_ += load.accepted;
  figures_["place_to_completed_ms"] = json_of(load.place_to_completed);
  figures_["bare_commit_ms"] = json_of(commits);
  figures_["place_to_completed_over_bare_commit"] =
      static_cast<double>(load.place_to_completed.at(0.5)) / static_cast<double>(std::max<std::uint64_t>(1, commits.at(0.5)));
  return {};
}

Result<void> Suite::open_model() {
  LoadPlan open = plan(*server_, tokens_, slice_ * 3);
  open.rate = highest_rate_ / 2;
  open.connections = 256;
  open.follow_every = std::max<std::size_t>(1, static_cast<std::size_t>(*open.rate / followed_per_second));
  open.look_every = std::chrono::milliseconds(2);
  TRY(const auto load, run_load(open));
  orders_ += load.accepted;
  auto figures = json_of(load);
  figures["rate"] = *open.rate;
  figures_["open_model"] = std::move(figures);
  return {};
}

Result<void> Suite::noop() {
  for (const bool with_token : {false, true}) {
    LoadPlan fetch = plan(*server_, tokens_, slice_ / 2);
    fetch.route = with_token ? "/protected" : "/livez";
    fetch.with_token = with_token;
    TRY(const auto load, run_load(fetch));
    figures_[with_token ? "noop_requests_with_token_per_second" : "noop_requests_per_second"] = load.good_per_second();
  }
  return {};
}

Result<void> Suite::fill(const ChildServer& server, const std::vector<std::string>& tokens, std::uint64_t orders) {
  LoadPlan filling = plan(server, tokens, std::chrono::hours(2));
  filling.connections = fill_connections;
  filling.warm_up = milliseconds(0);
  filling.orders_max = orders;
  TRY_VOID(run_load(filling));
  return {};
}

Result<double> Suite::small_store_slice() {
  TRY(const auto folder, ScratchFolder::make(folder_.path()));
  TRY(const auto server, ChildServer::start(folder.path()));
  TRY(const auto tokens, register_accounts(server->target(), accounts));
  TRY_VOID(fill(*server, tokens, small_store_orders));
  TRY(const auto load, run_load(plan(*server, tokens, slice_)));
  return load.sagas_ended_per_second.value_or(0);
}

/// The large store against fresh ones of ten thousand orders, in turns.
Result<void> Suite::growth() {
  const std::uint64_t target = options_.quick ? 0 : options_.orders_max;
  const auto begin = Clock::now();
  for (std::uint64_t step = std::max<std::uint64_t>(target / 10, 1); orders_ < target;) {
    const auto part = std::min(step, target - orders_);
    TRY_VOID(fill(*server_, tokens_, part));
    orders_ += part;
    say(fmt::format("  {} orders after {:.0f} s", orders_, std::chrono::duration<double>(Clock::now() - begin).count()));
  }
  if (target > 0) {
    std::vector<double> large, small, ratios;
    for (int round = 0; round < 3; ++round) {
      TRY(const double before, small_store_slice());
      TRY(const auto load, run_load(plan(*server_, tokens_, slice_)));
      orders_ += load.accepted;
      small.push_back(before);
      large.push_back(load.sagas_ended_per_second.value_or(0));
      ratios.push_back(large.back() / before);
      say(fmt::format("  round {}: small {:.0f}, large {:.0f} sagas/s", round + 1, small.back(), large.back()));
    }
    figures_["growth"] = {{"orders", orders_}, {"small", median(small)}, {"large", median(large)}, {"ratio", median(ratios)}};
  }
  figures_["orders"] = orders_;
  figures_["rss_bytes"] = server_->resident_bytes();
  server_->stop();
  TRY(server_, ChildServer::start(folder_.path() / "server"));
  figures_["start_ms"] = static_cast<double>(server_->start_time().count()) / 1000;
  return {};
}

Result<boost::json::object> Suite::run() {
  struct statfs where{};
  if (::statfs(folder_.path().c_str(), &where) == 0 && where.f_type == TMPFS_MAGIC)
    say("warning: the folder is in memory, so no commit is durable; name a disk by --folder");
  figures_["suite"] = "one-machine";
  figures_["cores"] = std::thread::hardware_concurrency();
  TRY(server_, ChildServer::start(folder_.path() / "server"));
  TRY(tokens_, register_accounts(server_->target(), accounts));
  TRY(bare_, BareStore::open(folder_.path() / "bare"));
  say("Sagas at 64 connections, and the bare loop, in turns ...");
  TRY_VOID(throughput());
  say("Sagas of one tracked product, and untracked ones, in turns ...");
  TRY_VOID(tracked());
  say("One connection, and bare commits, in turns ...");
  TRY_VOID(one_connection());
  say("Half of the highest rate, open model ...");
  TRY_VOID(open_model());
  say("Requests that do nothing ...");
  TRY_VOID(noop());
  say("Growth, memory, start ...");
  TRY_VOID(growth());
  figures_["binary_bytes_stripped"] = stripped_binary_bytes(folder_.path());
  return std::move(figures_);
}

}  // namespace

Result<boost::json::object> run_one_machine(const Options& options) {
  TRY(auto folder, ScratchFolder::make(options.folder));
  return Suite(options, std::move(folder)).run();
}

}  // namespace edda::bench
