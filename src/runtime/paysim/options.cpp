#include "paysim/options.hpp"

#include <CLI/CLI.hpp>
#include <utility>

#include "cli/own_command_line.hpp"

namespace edda::paysim {
namespace {

constexpr const char* about =
    "A payment gateway to try Edda against: it keeps a ledger, answers over HTTP, sends webhooks, and goes wrong on request.\n"
    "Nobody is charged. Rates are shares from 0 to 1; which requests they hit follows from --seed and the request's key.";
constexpr const char* examples = R"(Environment:
  EDDA_PAYSIM_SECRET          bearer token that requests must bring (default: none is asked for)
  EDDA_PAYSIM_WEBHOOK_SECRET  signs the webhooks; Edda's gateway.webhook_secret

Examples:
  edda paysim --port 4000 --ledger ./paysim.ledger
  edda paysim --act-then-timeout-rate 0.1 --act-then-500-rate 0.1 --seed 7
  edda serve --gateway-url http://127.0.0.1:4000)";

/// The numbers as the parser reads them.
struct Numbers {
  std::int64_t latency_min = 50;
  std::int64_t latency_max = 300;
  std::int64_t hold = 30'000;
  std::int64_t late_max = 10'000;
  std::optional<std::int64_t> forget_after;
};

void add_rate(CLI::App& app, const char* name, double& rate, const char* what) {
  app.add_option(name, rate, what)->check(CLI::Range(0.0, 1.0))->capture_default_str()->type_name("")->group("Faults");
}
template <class Number>
CLI::Option* add_ms(CLI::App& app, const char* name, Number& number, const char* what) {
  constexpr std::int64_t day = 86'400'000;
  return app.add_option(name, number, what)->check(CLI::Range(std::int64_t{0}, day))->type_name("");
}

void add_gateway(CLI::App& app, Options& options, Numbers& numbers) {
  app.add_option("--host", options.host, "Address to listen on")->capture_default_str()->type_name("");
  app.add_option("--port", options.port, "Port to listen on; 0 takes a free one")->capture_default_str()->type_name("");
  app.add_option("--ledger", options.ledger, "File with what was charged, refunded and voided; survives a restart")
      ->capture_default_str()->type_name("");
  app.add_option("--success-rate", options.simulator.success_rate, "Share of charges that are not declined")
      ->check(CLI::Range(0.0, 1.0))->capture_default_str()->type_name("");
  add_ms(app, "--latency-min-ms", numbers.latency_min, "The quickest answer")->capture_default_str();
  add_ms(app, "--latency-max-ms", numbers.latency_max, "The slowest answer")->capture_default_str();
  app.add_option("--seed", options.faults.seed, "Seed of faults and latencies")->capture_default_str()->type_name("");
}

void add_faults(CLI::App& app, Options& options, Numbers& numbers) {
  add_rate(app, "--act-then-timeout-rate", options.faults.timeout_rate, "Requests that act and are not answered");
  add_rate(app, "--act-then-500-rate", options.faults.error_rate, "Requests that act and are answered 500");
  add_rate(app, "--refuse-rate", options.faults.refuse_rate, "Requests that do nothing: 503, \"processed\": false");
  add_rate(app, "--stored-error-rate", options.faults.stored_error_rate,
           "Keys that get the same 500 for ever, half of them after it acted");
  add_ms(app, "--hold-ms", numbers.hold, "How long a request without an answer is held open")->capture_default_str()->group("Faults");
  add_ms(app, "--forget-keys-after-ms", numbers.forget_after, "Age at which a key is forgotten: the next request under it acts anew")
      ->group("Faults");
}

void add_webhooks(CLI::App& app, Options& options, Numbers& numbers) {
  const char* group = "Webhooks";
  app.add_option("--webhook-url", options.webhook_url, "Where to: http://127.0.0.1:3000/v1/webhooks/payments")->type_name("")->group(group);
  const auto rate = [&](const char* name, double& value, const char* what) {
    app.add_option(name, value, what)->check(CLI::Range(0.0, 1.0))->capture_default_str()->type_name("")->group(group);
  };
  rate("--webhook-late-rate", options.webhook_faults.late_rate, "Webhooks that come late");
  rate("--webhook-double-rate", options.webhook_faults.double_rate, "Webhooks that come twice");
  rate("--webhook-reorder-rate", options.webhook_faults.reorder_rate, "Webhooks that come after a later one");
  add_ms(app, "--webhook-late-max-ms", numbers.late_max, "How late at most")->capture_default_str()->group(group);
}

void take(const Numbers& numbers, Options& options) {
  using std::chrono::milliseconds;
  options.simulator.latency_min = milliseconds(numbers.latency_min);
  options.simulator.latency_max = milliseconds(numbers.latency_max);
  options.simulator.seed = options.faults.seed;
  options.webhook_faults.seed = options.faults.seed;
  options.webhook_faults.late_max = milliseconds(numbers.late_max);
  options.hold = milliseconds(numbers.hold);
  if (numbers.forget_after) options.forget_keys_after = milliseconds(*numbers.forget_after);
}

}  // namespace

std::expected<Options, cli::Stop> parse_options(std::vector<std::string> arguments) {
  Options options;
  Numbers numbers;
  CLI::App app(about, "edda paysim");
  app.footer(examples);
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  add_gateway(app, options, numbers);
  add_faults(app, options, numbers);
  add_webhooks(app, options, numbers);
  if (auto stop = cli::read_own(app, std::move(arguments))) return std::unexpected(*std::move(stop));
  take(numbers, options);
  return options;
}

}  // namespace edda::paysim
