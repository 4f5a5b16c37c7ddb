#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/demo.hpp"
#include "cli/serving.hpp"

namespace edda::cli {
namespace {

// Enough for every list to show something; then the gentle stream.
constexpr std::size_t first_orders = 12;
constexpr std::chrono::milliseconds first_pause{100};

void say_who_is_there(const Terminal& terminal) {
  terminal.say("  Users (for this demo only; sign in with POST /auth/login):");
  for (const auto& user : demo_users()) terminal.say(fmt::format("    {:<9} {:<20} {}", user.role, user.email, user.password));
}

/// Until a signal comes. One failing step is said once, not once a second.
void generate(const Session& session, DemoGenerator& generator, StopSignals& signals, double orders_per_second) {
  const std::chrono::milliseconds pause(static_cast<std::int64_t>(1000 / orders_per_second));
  std::string said;
  do {
    const auto done = generator.step();
    if (!done && done.error().message != said) {
      said = done.error().message;
      session.terminal.say("demo: " + said);
    }
    if (generator.placed() == first_orders)
      session.terminal.say(fmt::format("  Orders    come and go now; try: edda events tail --follow --data {}", session.loaded.config.server.data));
  } while (!signals.wait_for(generator.placed() < first_orders ? std::min(first_pause, pause) : pause));
}

}  // namespace

int run(const Session& session, const DemoArguments& arguments) {
  StopSignals signals;
  const auto server = start_serving(session, signals);
  if (!server) return server.error();
  auto endpoint = parse_endpoint((*server)->url());
  if (!endpoint) return session.terminal.error(endpoint.error());
  DemoGenerator generator(Api(HttpClient(*std::move(endpoint)), (*server)->token()));
  if (const auto seeded = generator.seed_users(); !seeded) {
    session.terminal.error(seeded.error());
    (void)stop_serving(session, **server);
    return exit_failure;
  }
  say_who_is_there(session.terminal);
  generate(session, generator, signals, arguments.orders_per_second);
  return stop_serving(session, **server);
}

}  // namespace edda::cli
