#include "cli/cli.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "cli/commands.hpp"
#include "cli/parse.hpp"

namespace edda::cli {
namespace {

bool wants_color(const Common& common) {
  const auto& environment = common.sources.environment;
  const auto no_color = environment.find("NO_COLOR");
  const auto term = environment.find("TERM");
  if (common.no_color || common.json || (no_color != environment.end() && !no_color->second.empty())) return false;
  return isatty(STDOUT_FILENO) != 0 && (term == environment.end() || term->second != "dumb");
}

int report(const Terminal& terminal, const std::vector<config::Problem>& problems) {
  terminal.say("edda: the configuration is not right:");
  for (const auto& problem : problems) terminal.say("  " + config::to_string(problem));
  terminal.say("'edda config show' lists the settings; docs/configuration.md explains them.");
  return exit_usage;
}

}  // namespace

int main(const std::vector<std::string>& arguments, const Hooks& hooks) {
  auto parsed = parse(arguments, hooks.version);
  if (!parsed) return say(parsed.error());
  if (const auto* bench = std::get_if<BenchArguments>(&parsed->command)) return hooks.bench(bench->arguments);
  if (const auto* paysim = std::get_if<PaysimArguments>(&parsed->command)) return hooks.paysim(paysim->arguments);
  if (const auto* proxy = std::get_if<FaultProxyArguments>(&parsed->command)) return hooks.fault_proxy(proxy->arguments);
  if (const auto* worker = std::get_if<WorkerArguments>(&parsed->command)) return hooks.worker(worker->arguments);
  if (const auto* copy = std::get_if<CopyArguments>(&parsed->command)) return hooks.copy(copy->arguments);
  if (const auto* moving_in = std::get_if<ImportArguments>(&parsed->command)) return hooks.import(moving_in->arguments);
  auto& sources = parsed->common.sources;
  sources.environment = config::process_environment();
  if (std::holds_alternative<DemoArguments>(parsed->command)) sources.mode = config::Mode::demo;
  const Terminal terminal{.json = parsed->common.json, .color = wants_color(parsed->common)};
  auto loaded = config::load(sources);
  if (!loaded) return report(terminal, loaded.error());
  const Session session{hooks, *parsed, *std::move(loaded), terminal};
  return std::visit(
      [&](const auto& command) {
        if constexpr (requires { command.arguments; }) {
          return exit_failure;  // run above: it reads its command line itself
        } else {
          return run(session, command);
        }
      },
      parsed->command);
}

}  // namespace edda::cli
