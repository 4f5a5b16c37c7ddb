#include "bench/report.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <span>

namespace edda::bench {
namespace {

double ms(std::uint64_t micros) { return static_cast<double>(micros) / 1000; }

std::string percentiles(const Histogram& micros) {
  return fmt::format("p50 {:.2f}  p99 {:.2f}  p99.9 {:.2f}  max {:.2f} ms", ms(micros.at(0.5)), ms(micros.at(0.99)),
                     ms(micros.at(0.999)), ms(micros.max()));
}

/// One line of a suite's table.
struct Goal {
  const char* name;
  const char* path;  ///< into the figures
  double scale;      ///< from the figure's unit to the shown one
  const char* unit;
  double floor;      ///< 0: a figure to orient by
  double aim;
  bool less_is_better;
};

constexpr double mebi = 1024 * 1024;
constexpr Goal goals[] = {
    {"sagas/s over the bare loop's", "/sagas_over_limit", 1, "", 0.7, 0.9, false},
    {"sagas/s, 64 connections", "/sagas_per_second", 1, "", 5'000, 12'000, false},
    {"sagas/s of the bare loop", "/limit_sagas_per_second", 1, "", 0, 0, false},
    {"place to completed over a bare commit, p50", "/place_to_completed_over_bare_commit", 1, "", 5, 3, true},
    {"place to completed, 1 connection, p50", "/place_to_completed_ms/p50", 1, "ms", 0, 0, true},
    {"one bare commit, p50", "/bare_commit_ms/p50", 1, "ms", 0, 0, true},
    {"place to completed at half rate, p99", "/open_model/place_to_completed_ms/p99", 1, "ms", 60, 15, true},
    {"sagas/s of one tracked product over untracked", "/tracked/ratio", 1, "", 0.45, 0.6, false},
    {"no-op requests/s", "/noop_requests_per_second", 1, "", 0, 0, false},
    {"no-op requests/s with a token", "/noop_requests_with_token_per_second", 1, "", 0, 0, false},
    {"throughput on the large store over the small", "/growth/ratio", 1, "", 0.6, 0.9, false},
    {"orders in the large store", "/growth/orders", 1, "", 0, 0, false},
    {"memory on the large store", "/rss_bytes", 1 / mebi, "MiB", 128, 64, true},
    {"start on the large store to the first 200", "/start_ms", 1, "ms", 1'000, 200, true},
    {"binary, stripped", "/binary_bytes_stripped", 1 / mebi, "MiB", 20, 12, true},
};

// A floor of 1e-9 is "none at all".
constexpr double none = 1e-9;
constexpr Goal cluster_goals[] = {
    {"sagas/s, 3 nodes behind nginx, 64 connections", "/sagas_per_second", 1, "", 1'000, 1'800, false},
    {"the same over pgbench's", "/sagas_over_pgbench", 1, "", 0.25, 0.5, false},
    {"pgbench, the same rows in the same batches", "/pgbench_sagas_per_second", 1, "", 0, 0, false},
    {"turns a batch", "/turns_a_batch", 1, "", 0, 0, false},
    {"rounds of 5 duplicates with exactly one success", "/duplicates/share_right", 100, "%", 100, 100, false},
    {"rounds", "/duplicates/rounds", 1, "", 0, 0, false},
    {"lock taken and given back, p50", "/duplicates/lock_ms/p50", 1, "ms", 0, 0, true},
    {"lock taken and given back, p99", "/duplicates/lock_ms/p99", 1, "ms", 5, 1, true},
    {"the request that does so, p99", "/duplicates/lock_request_ms/p99", 1, "ms", 0, 0, true},
    {"a node's share of orders, furthest from its third", "/shares/furthest_points", 1, "pp", 1, 1, true},
    {"accepted to completed, 16 connections, p50", "/accepted_to_completed_ms/p50", 1, "ms", 40, 10, true},
    {"accepted to completed, 16 connections, p99", "/accepted_to_completed_ms/p99", 1, "ms", 0, 0, true},
    {"place to seen completed, 16 connections, p50", "/place_to_completed_ms/p50", 1, "ms", 0, 0, true},
    {"kill -9 to the next step of each shard elsewhere", "/kill/longest_s", 1, "s", 3, 1.5, true},
    {"take-overs without a fault", "/faultless/take_overs", 1, "", none, none, true},
    {"minutes of load without a fault", "/faultless/minutes", 1, "", 0, 0, true},
    {"memory per node", "/node_bytes_max", 1 / mebi, "MiB", 96, 48, true},
    {"commit to a reader of the feed, p50", "/feed_delay_ms/p50", 1, "ms", 0, 0, true},
    {"commit to a reader of the feed, p99", "/feed_delay_ms/p99", 1, "ms", 0, 0, true},
    {"sagas/s, 3 nodes, 2 nodes, 1 node", "/growth/three", 1, "", 0, 0, false},
    {"", "/growth/two", 1, "", 0, 0, false},
    {"", "/growth/one", 1, "", 0, 0, false},
};

const char* verdict(const Goal& goal, double value) {
  const auto reaches = [&](double wanted) { return goal.less_is_better ? value <= wanted : value >= wanted; };
  if (goal.floor == 0) return "";
  return reaches(goal.aim) ? "aim" : reaches(goal.floor) ? "floor" : "MISSED";
}

std::string number(double value) {
  return value == 0 || value == none ? "0" : value >= 100 ? fmt::format("{:.0f}", value) : fmt::format("{:.2f}", value);
}

}  // namespace

void say(const std::string& what) { fmt::print(stderr, "{}\n", what); }

boost::json::object json_of(const Histogram& micros) {
  return {{"count", micros.count()},
          {"p50", ms(micros.at(0.5))},
          {"p99", ms(micros.at(0.99))},
          {"p99_9", ms(micros.at(0.999))},
          {"max", ms(micros.max())}};
}

boost::json::object json_of(const LoadResult& result) {
  boost::json::object errors;
  for (const auto& [kind, count] : result.errors) errors[kind] = count;
  boost::json::object json{{"seconds", result.seconds},
                           {"requests_per_second", result.good_per_second()},
                           {"latency_ms", json_of(result.latency)},
                           {"errors", std::move(errors)}};
  if (result.sagas_ended_per_second) json["sagas_ended_per_second"] = *result.sagas_ended_per_second;
  if (result.place_to_completed.count() > 0) {
    json["place_to_completed_ms"] = json_of(result.place_to_completed);
    json["not_seen_to_end"] = result.lost_sight;
  }
  return json;
}

std::string text_of(const LoadResult& result) {
  std::string text = fmt::format("answers            {:.0f}/s   {}\n", result.good_per_second(), percentiles(result.latency));
  const auto out = std::back_inserter(text);
  if (result.sagas_ended_per_second) fmt::format_to(out, "sagas ended        {:.0f}/s\n", *result.sagas_ended_per_second);
  if (result.place_to_completed.count() > 0)
    fmt::format_to(out, "place to ended     {} ({} followed)\n", percentiles(result.place_to_completed),
                   result.place_to_completed.count());
  if (result.lost_sight > 0) fmt::format_to(out, "not seen to end    {}\n", result.lost_sight);
  for (const auto& [kind, count] : result.errors) fmt::format_to(out, "error              {}: {}\n", kind, count);
  return text;
}

std::string table_of(const boost::json::object& figures) {
  std::string text = fmt::format("{:<46} {:>12} {:>10} {:>10}\n", "", "measured", "at least", "aim");
  const boost::json::value all(figures);
  const bool cluster = figures.contains("suite") && figures.at("suite") == "cluster";
  for (const Goal& goal : cluster ? std::span<const Goal>(cluster_goals) : std::span<const Goal>(goals)) {
    boost::system::error_code missing;
    const auto* found = all.find_pointer(goal.path, missing);
    if (found == nullptr || !found->is_number()) continue;
    const double value = found->to_number<double>() * goal.scale;
    const char* bound = goal.less_is_better ? "<= " : ">= ";
    fmt::format_to(std::back_inserter(text), "{:<46} {:>8} {:<3} {:>10} {:>10}  {}\n", goal.name, number(value), goal.unit,
                   goal.floor == 0 ? "" : bound + number(goal.floor), goal.aim == 0 ? "" : bound + number(goal.aim),
                   verdict(goal, value));
  }
  return text;
}

Result<void> write_json(const std::string& where, const boost::json::object& value) {
  if (where.empty()) return {};
  const std::string text = boost::json::serialize(value) + "\n";
  if (where == "-") {
    std::fputs(text.c_str(), stdout);
    return {};
  }
  std::ofstream file(where);
  file << text << std::flush;
  if (!file) return fail(Errc::unavailable, "cannot write " + where, "--json");
  return {};
}

}  // namespace edda::bench
