#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "ports/task.hpp"

namespace edda::sim {

class Actor;

/// What happened, for a person (the last lines of it) and for the determinism guard (a hash over all of it).
/// Thread-safety: none.
class Trace {
 public:
  /// `lines_max`: so many of the last lines are kept; 0: none is, only the hash, and no text is built.
  explicit Trace(std::size_t lines_max) : lines_max_(lines_max) {}

  /// One thing that happened. `text` is called only when lines are kept: `note(now, actor, "charge", [&] { return fmt::format(...); })`.
  template <class Text>
  void note(SteadyTime at, const Actor& actor, std::string_view kind, Text&& text) {
    count(at, actor, kind);
    if (keeps_lines()) add(at, actor, kind, text());
  }
  /// The hash alone.
  void count(SteadyTime at, const Actor& actor, std::string_view kind);

  bool keeps_lines() const { return lines_max_ > 0; }
  /// The last lines, oldest first.
  const std::deque<std::string>& lines() const { return lines_; }
  /// Over (time, actor, kind) of all that was noted or executed, in order.
  std::uint64_t hash() const { return hash_; }
  /// Mixes further bits into the hash (a digest of a payload).
  void mix(std::uint64_t bits);

 private:
  void add(SteadyTime at, const Actor& actor, std::string_view kind, std::string text);

  const std::size_t lines_max_;
  std::uint64_t hash_ = 0xCBF29CE484222325ULL;
  std::deque<std::string> lines_;
};

}  // namespace edda::sim
