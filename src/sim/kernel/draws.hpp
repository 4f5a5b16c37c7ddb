#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace edda::sim {

/// Who draws. Each has a sequence of its own, so that a further draw in one does not move the others.
enum class Stream : std::uint8_t { workload, network, store, gateway, faults, scheduling, nodes };
inline constexpr std::size_t stream_count = 7;

/// All that chance decided in a run, by stream. A run is a function of this list: the seed only fills it.
using DrawList = std::array<std::vector<std::uint32_t>, stream_count>;

/// The one source of chance. What is recorded is the decision, not raw bits, and 0 is always the simplest one (no fault, the least delay, the
/// first choice): so a list with numbers lowered or cut out is a simpler run, which is what shrinking does.
/// Thread-safety: none.
class Draws {
 public:
  /// A fresh run, filled by `seed`.
  explicit Draws(std::uint64_t seed);
  /// A run once more. Past the end of a stream all is 0.
  explicit Draws(DrawList replayed);

  /// 0 .. bound - 1, each as likely. `bound` from 1 to 2^32.
  std::uint32_t below(Stream stream, std::uint64_t bound);
  /// True `permille` times in a thousand; always takes one draw; never true for 0.
  bool chance(Stream stream, int permille);
  /// Between the two (an hour apart at most), in whole microseconds; most often near the shortest, as delays are.
  std::chrono::nanoseconds delay(Stream stream, std::chrono::nanoseconds shortest, std::chrono::nanoseconds longest);

  const DrawList& taken() const { return taken_; }
  std::size_t count() const;

 private:
  std::uint64_t raw(Stream stream);
  /// The next number: the replayed one (made fit), or `fresh`.
  std::uint32_t take(Stream stream, std::uint64_t bound, std::uint64_t fresh);

  bool replaying_ = false;
  DrawList replayed_;
  DrawList taken_;
  std::array<std::uint64_t, stream_count> states_{};
};

/// One step of splitmix64: well mixed bits of `x`.
constexpr std::uint64_t mixed(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

}  // namespace edda::sim
