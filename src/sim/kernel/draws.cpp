#include "kernel/draws.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace edda::sim {

Draws::Draws(std::uint64_t seed) {
  for (std::size_t i = 0; i < stream_count; ++i) states_[i] = mixed(mixed(seed) + i);
}

Draws::Draws(DrawList replayed) : replaying_(true), replayed_(std::move(replayed)) {}

std::uint64_t Draws::raw(Stream stream) {
  auto& state = states_[static_cast<std::size_t>(stream)];
  state += 0x9E3779B97F4A7C15ULL;
  return mixed(state);
}

std::uint32_t Draws::take(Stream stream, std::uint64_t bound, std::uint64_t fresh) {
  const auto index = static_cast<std::size_t>(stream);
  auto& taken = taken_[index];
  std::uint64_t value = fresh;
  if (replaying_) {
    const auto& list = replayed_[index];
    value = taken.size() < list.size() ? std::min<std::uint64_t>(list[taken.size()], bound - 1) : 0;
  }
  taken.push_back(static_cast<std::uint32_t>(value));
  return static_cast<std::uint32_t>(value);
}

std::uint32_t Draws::below(Stream stream, std::uint64_t bound) {
  EDDA_ASSERT(bound >= 1 && bound <= (std::uint64_t{1} << 32));
  // The upper half of a product: no bias worth mentioning, and the same on every machine (std's distributions are not).
  const std::uint64_t fresh = replaying_ ? 0 : ((raw(stream) >> 32) * bound) >> 32;
  return take(stream, bound, fresh);
}

bool Draws::chance(Stream stream, int permille) {
  const std::uint64_t fresh =
      replaying_ ? 0 : static_cast<std::uint64_t>(static_cast<int>((raw(stream) >> 32) % 1000) < permille);
  return take(stream, 2, fresh) != 0 && permille > 0;
}

std::chrono::nanoseconds Draws::delay(Stream stream, std::chrono::nanoseconds shortest, std::chrono::nanoseconds longest) {
  using std::chrono::duration_cast, std::chrono::microseconds;
  const auto span = static_cast<std::uint64_t>(std::max<std::int64_t>(0, duration_cast<microseconds>(longest - shortest).count()));
  EDDA_ASSERT(span < std::uint64_t{1} << 32);
  std::uint64_t fresh = 0;
  if (!replaying_) {
    // The square of a fraction: half of all delays lie in the shortest quarter.
    const std::uint64_t fraction = raw(stream) >> 44;
    fresh = (((fraction * fraction) >> 20) * span) >> 20;
  }
  return shortest + microseconds(take(stream, span + 1, fresh));
}

std::size_t Draws::count() const {
  std::size_t count = 0;
  for (const auto& stream : taken_) count += stream.size();
  return count;
}

}  // namespace edda::sim
