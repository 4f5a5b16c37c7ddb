#include "cluster/campaign.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "cluster/run.hpp"
#include "kernel/draws_text.hpp"
#include "kernel/shrink.hpp"

namespace edda::sim {
namespace {

using std::chrono::steady_clock;

// Below this a thing that never happened proves nothing.
constexpr std::uint64_t seeds_that_tell = 500;
constexpr std::uint64_t twice_every = 100;
// A longer list of draws is no command line.
constexpr std::size_t draws_text_max = 6'000;

struct Sum {
  Counters counters;
  std::uint64_t seeds = 0;
  std::uint64_t events = 0;
  std::uint64_t orders = 0;
  std::uint64_t twice = 0;
  std::chrono::nanoseconds simulated{0};
  steady_clock::time_point since = steady_clock::now();

  void add(const RunResult& result) {
    counters.add(result.counters);
    ++seeds;
    events += result.events;
    orders += result.orders;
    simulated += result.simulated;
  }
  double seconds() const { return std::chrono::duration<double>(steady_clock::now() - since).count(); }
  double per_second() const { return static_cast<double>(events) / seconds(); }
  double hours() const { return std::chrono::duration<double, std::ratio<3600>>(simulated).count(); }
};

void say(const Sum& sum) {
  const auto per_seed = [&](std::uint64_t count) { return static_cast<double>(count) / static_cast<double>(std::max<std::uint64_t>(sum.seeds, 1)); };
  fmt::print(stderr, "{} seeds in {:.1f} s, {} run twice; {} events, {:.0f} a second; {:.1f} simulated hours\n", sum.seeds, sum.seconds(),
             sum.twice, sum.events, sum.per_second(), sum.hours());
  fmt::print(stderr, "a seed: {:.1f} orders, {:.0f} events, {:.1f} faults\n", per_seed(sum.orders), per_seed(sum.events),
             per_seed(sum.counters.faults_total()));
  for (std::size_t i = 0; i < fault_count; ++i)
    fmt::print(stderr, "  fault {:<22} {}\n", name_of(static_cast<Fault>(i)), sum.counters.faults[i]);
  for (std::size_t i = 0; i < sometimes_count; ++i)
    fmt::print(stderr, "  seen  {:<22} {}\n", name_of(static_cast<Sometimes>(i)), sum.counters.sometimes[i]);
}

void say_json(const Sum& sum, bool broken) {
  fmt::print("{{\"seeds\":{},\"seconds\":{:.3f},\"events\":{},\"events_per_second\":{:.0f},\"simulated_hours\":{:.3f},\"orders\":{},\"broken\":{}",
             sum.seeds, sum.seconds(), sum.events, sum.per_second(), sum.hours(), sum.orders, broken);
  fmt::print(",\"faults\":{{");
  for (std::size_t i = 0; i < fault_count; ++i)
    fmt::print("{}\"{}\":{}", i > 0 ? "," : "", name_of(static_cast<Fault>(i)), sum.counters.faults[i]);
  fmt::print("}},\"sometimes\":{{");
  for (std::size_t i = 0; i < sometimes_count; ++i)
    fmt::print("{}\"{}\":{}", i > 0 ? "," : "", name_of(static_cast<Sometimes>(i)), sum.counters.sometimes[i]);
  fmt::print("}}}}\n");
}

void print_trace(const RunResult& result) {
  for (const auto& line : result.trace) fmt::print("{}\n", line);
}

/// Makes the failure small and tells it.
void tell_failure(const CampaignOptions& options, std::uint64_t seed, const RunResult& result) {
  const std::string invariant = result.broken->invariant;
  const auto bug = options.bug.empty() ? std::string() : " --bug " + options.bug;
  print_trace(result);
  fmt::print("seed {} broke {}: {}\ncommit {}\n", seed, invariant, result.broken->what, options.commit);
  std::fflush(stdout);
  const auto fails = [&](const DrawList& draws) {
    const auto again = run_cluster(Draws(draws), options.run);
    return again.broken && again.broken->invariant == invariant;
  };
  const Shrunk shrunk = shrink(result.draws, fails, {});
  const auto small = run_cluster(Draws(shrunk.draws), options.run, options.trace_lines);
  fmt::print("shrunk in {} runs to {} orders and {} events; the end of its trace:\n", shrunk.runs, small.orders, small.events);
  print_trace(small);
  if (small.broken) fmt::print("{}: {}\n", small.broken->invariant, small.broken->what);
  const auto text = to_text(shrunk.draws);
  fmt::print("replay the seed:  edda-sim --seeds 1 --start {} --nodes {}{} --trace\n", seed, options.run.nodes, bug);
  if (text.size() <= draws_text_max) fmt::print("replay this run:  edda-sim --nodes {}{} --draws {}\n", options.run.nodes, bug, text);
}

bool nothing_missing(const Sum& sum) {
  bool complete = true;
  for (std::size_t i = 0; i < sometimes_count; ++i) {
    if (sum.counters.sometimes[i] > 0) continue;
    fmt::print("never seen in {} seeds: {}\n", sum.seeds, name_of(static_cast<Sometimes>(i)));
    complete = false;
  }
  return complete;
}

}  // namespace

int run_campaign(const CampaignOptions& options) {
  Sum sum;
  auto next_word = steady_clock::now() + std::chrono::seconds(10);
  for (std::uint64_t seed = options.start; seed < options.start + options.seeds; ++seed) {
    if (options.seconds > 0 && sum.seconds() >= static_cast<double>(options.seconds)) break;
    RunResult result = run_cluster(Draws(seed), options.run, options.trace ? options.trace_lines : 0);
    sum.add(result);
    if (options.trace && !result.broken) print_trace(result);
    if (!result.broken && seed % twice_every == 0) {
      ++sum.twice;
      const auto again = run_cluster(Draws(seed), options.run);
      if (again.hash != result.hash) result.broken = Broken{"determinism", "a second run of the same seed went another way"};
    }
    if (result.broken) {
      say(sum);
      if (options.json) say_json(sum, true);
      if (!options.bug.empty()) fmt::print("{} was caught by {} in seed {}, after {} seeds: {}\n", options.bug, result.broken->invariant, seed, sum.seeds, result.broken->what);
      else tell_failure(options, seed, result);
      return 1;
    }
    if (steady_clock::now() < next_word) continue;
    fmt::print(stderr, "seed {}: {:.0f} events a second\n", seed, sum.per_second());
    next_word += std::chrono::seconds(10);
  }
  say(sum);
  if (options.json) say_json(sum, false);
  if (!options.bug.empty()) {
    fmt::print("{} was not caught in {} seeds\n", options.bug, sum.seeds);
    return 0;
  }
  return sum.seeds < seeds_that_tell || nothing_missing(sum) ? 0 : 1;
}

}  // namespace edda::sim
