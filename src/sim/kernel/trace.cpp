#include "kernel/trace.hpp"

#include <fmt/format.h>

#include "kernel/actor.hpp"
#include "kernel/draws.hpp"

namespace edda::sim {

void Trace::mix(std::uint64_t bits) { hash_ = mixed(hash_ ^ bits); }

void Trace::count(SteadyTime at, const Actor& actor, std::string_view kind) {
  // The kind by its text, not its address: addresses differ between runs of the process.
  std::uint64_t word = kind.size();
  for (const char c : kind) word = (word ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  mix(static_cast<std::uint64_t>(at.time_since_epoch().count()) ^ (word << 8) ^ actor.number());
}

void Trace::add(SteadyTime at, const Actor& actor, std::string_view kind, std::string text) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count() - 3'600'000'000;
  lines_.push_back(fmt::format("{:12.6f} {:<9} {:<12} {}", static_cast<double>(micros) / 1e6, actor.name(), kind, text));
  if (lines_.size() > lines_max_) lines_.pop_front();
}

}  // namespace edda::sim
