#include "bench/bench.hpp"

#include "bench/accounts.hpp"
#include "bench/cluster_suite.hpp"
#include "bench/options.hpp"
#include "bench/report.hpp"
#include "bench/suite.hpp"

namespace edda::bench {
namespace {

std::chrono::milliseconds in_ms(double seconds) { return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)); }

Result<LoadResult> load_server(const Options& options) {
  TRY(const auto target, Target::parse(options.url, options.allow_remote));
  LoadPlan plan;
  plan.address = target.address;
  plan.tokens = {options.token};
  if (options.token.empty()) {
    TRY(plan.tokens, register_accounts(target, options.users));
  }
  plan.connections = options.connections;
  plan.rate = options.rate;
  plan.warm_up = in_ms(options.warm_up_s);
  plan.duration = in_ms(options.duration_s);
  plan.follow_every = options.rate ? std::max<std::size_t>(1, static_cast<std::size_t>(*options.rate / 100)) : 50;
  return run_load(plan);
}

int report(const Error& error) {
  fmt::print(stderr, "edda: {}{}\n", error.where.empty() ? "" : error.where + ": ", error.message);
  return error.code == Errc::invalid_argument ? 2 : 1;
}

}  // namespace

int run_bench(const std::vector<std::string>& arguments) {
  const auto options = parse_options(arguments);
  if (!options) return cli::say(options.error());
  std::FILE* people = options->json == "-" ? stderr : stdout;
  Result<void> written;
  if (!options->suite.empty()) {
    const auto figures = options->suite == "cluster" ? run_cluster(*options) : run_one_machine(*options);
    if (!figures) return report(figures.error());
    fmt::print(people, "{}", table_of(*figures));
    written = write_json(options->json, *figures);
  } else {
    const auto result = load_server(*options);
    if (!result) return report(result.error());
    fmt::print(people, "{}", text_of(*result));
    written = write_json(options->json, json_of(*result));
  }
  return written ? 0 : report(written.error());
}

}  // namespace edda::bench
