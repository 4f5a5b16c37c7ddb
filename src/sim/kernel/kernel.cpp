#include "kernel/kernel.hpp"

#include <utility>

namespace edda::sim {

Kernel::Kernel(Draws the_draws, std::size_t trace_lines)
    : draws(std::move(the_draws)), trace(trace_lines), scheduler(draws, trace) {}

bool Kernel::strikes(Fault fault, Stream stream) {
  if (!draws.chance(stream, strength(fault))) return false;
  injected(fault, scheduler.world());
  return true;
}

void Kernel::injected(Fault fault, const Actor& actor, std::string_view what) {
  ++counters.faults[static_cast<std::size_t>(fault)];
  note(actor, "fault", [&] { return std::string(name_of(fault)) + (what.empty() ? "" : ": ") + std::string(what); });
}

void Kernel::broken(std::string invariant, std::string what) {
  if (verdict_) return;
  note(scheduler.world(), "BROKEN", [&] { return invariant + ": " + what; });
  verdict_ = Broken{std::move(invariant), std::move(what)};
  scheduler.stop();
}

}  // namespace edda::sim
