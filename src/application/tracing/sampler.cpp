#include "tracing/sampler.hpp"

#include <cstdint>

namespace edda::tracing {

bool Sampler::keeps(const TraceContext::TraceId& trace) const {
  if (ratio >= 1) return true;
  // The last eight bytes: the standard asks that these are random. 63 bits of them, as other implementations do.
  std::uint64_t draw = 0;
  for (std::size_t i = 8; i < trace.size(); ++i) draw = (draw << 8) | trace[i];
  return static_cast<double>(draw >> 1) < ratio * 0x1p63;
}

std::optional<Sampler> sampler_of(std::string_view name, double ratio) {
  constexpr std::string_view parent_based = "parentbased_";
  Sampler sampler;
  sampler.parent_based = name.starts_with(parent_based);
  if (sampler.parent_based) name.remove_prefix(parent_based.size());
  if (name == "always_on") sampler.ratio = 1;
  else if (name == "always_off") sampler.ratio = 0;
  else if (name == "traceidratio") sampler.ratio = ratio;
  else return std::nullopt;
  return sampler;
}

}  // namespace edda::tracing
