#include "bench/options.hpp"

#include <CLI/CLI.hpp>
#include <utility>

#include "cli/own_command_line.hpp"

namespace edda::bench {
namespace {

constexpr const char* about =
    "Loads a server with orders and says how it did, or measures this machine.\n"
    "The load comes from this process. With --rate, times count from when a request was due, whatever the answers do.";
constexpr const char* examples = R"(Examples:
  edda bench --connections 64 --duration 10
  edda bench --rate 2000 --json -
  edda bench --suite one-machine --json figures.json    takes about fifteen minutes
  edda bench --suite one-machine --quick                takes about one minute
  edda bench --suite cluster --json figures.json        three nodes, PostgreSQL, Kafka, Redis, nginx: about eight minutes
  edda bench --suite cluster --quick --cluster data/cluster   the one that ./run cluster started: about half a minute)";

}  // namespace

std::expected<Options, cli::Stop> parse_options(std::vector<std::string> arguments) {
  Options options;
  double rate = 0;
  CLI::App app(about, "edda bench");
  app.footer(examples);
  app.add_option("--suite", options.suite, "Start one server, or three nodes with all they stand on, and measure them against the machine's limits")
      ->check(CLI::IsMember({"one-machine", "cluster"}));
  app.add_option("--url", options.url, "The server to load")->capture_default_str();
  app.add_option("--token", options.token, "Bearer token to use; else accounts are registered")->envname("EDDA_TOKEN");
  app.add_flag("--allow-remote", options.allow_remote, "Load a server that is not on this machine");
  app.add_option("--users", options.users, "Accounts that share the load")->check(CLI::Range(1, 10'000))->capture_default_str();
  app.add_option("--connections", options.connections, "Connections")->check(CLI::Range(1, 4'000))->capture_default_str();
  auto* open = app.add_option("--rate", rate, "Orders per second (open model)")->check(CLI::Range(0.1, 1e6));
  app.add_option("--duration", options.duration_s, "Seconds to measure")->check(CLI::Range(0.1, 86'400.0))->capture_default_str();
  app.add_option("--warm-up", options.warm_up_s, "Seconds before that")->check(CLI::Range(0.0, 3'600.0))->capture_default_str();
  app.add_option("--json", options.json, "Write the figures to a file, or to stdout (-)");
  app.add_option("--folder", options.folder, "Where the suite keeps its stores while it runs; a real disk")->capture_default_str();
  app.add_flag("--quick", options.quick, "A short suite, without the large store or the growth with nodes");
  app.add_option("--orders-max", options.orders_max, "Size of the suite's large store")
      ->check(CLI::Range(20'000, 100'000'000))->capture_default_str();
  app.add_option("--cluster", options.cluster, "Folder of a cluster that is up, for the suite to measure; its nodes are ended and started");
  app.add_option("--shards", options.shards, "Shards of the cluster that the suite starts")->check(CLI::Range(1, 256))->capture_default_str();
  if (auto stop = cli::read_own(app, std::move(arguments))) return std::unexpected(*std::move(stop));
  if (!options.cluster.empty() && options.suite != "cluster")
    return std::unexpected(cli::Stop{2, "edda bench: --cluster belongs to --suite cluster\n"});
  if (open->count() > 0) options.rate = rate;
  return options;
}

}  // namespace edda::bench
