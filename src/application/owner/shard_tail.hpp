#pragma once

#include <algorithm>
#include <map>
#include <optional>

#include "base/ids.hpp"

namespace edda::owner {

/// How far one shard's log is known without a gap. Commits of this process are announced with their positions, nearly always the very
/// next ones; what is missing between them was appended by another node, or by an append of ours whose answer was lost, and must be read.
/// Thread-safety: none; plain data.
class ShardTail {
 public:
  explicit ShardTail(Position at) : at_(at) {}

  /// All events from `first` to `last` are known: announced, or read.
  void cover(Position first, Position last) {
    if (first.value > at_.value + 1) {
      auto& end = ahead_[first];
      end = std::max(end, last);
      return;
    }
    at_ = std::max(at_, last);
    while (!ahead_.empty() && ahead_.begin()->first.value <= at_.value + 1) {
      at_ = std::max(at_, ahead_.begin()->second);
      ahead_.erase(ahead_.begin());
    }
  }

  /// The log goes on at least as far as `last`.
  void reaches(Position last) { end_ = std::max(end_, last); }

  /// The first stretch that must be read: positions > after, <= up_to.
  struct Missing {
    Position after;
    Position up_to;
  };
  std::optional<Missing> missing() const {
    if (!ahead_.empty()) return Missing{at_, Position{ahead_.begin()->first.value - 1}};
    if (end_ > at_) return Missing{at_, end_};
    return std::nullopt;
  }

  Position at() const { return at_; }
  /// The last position that is known to be stored. The end of a turn: a page that was read may end within one, but only short of this.
  Position end() const {
    const Position told = std::max(at_, end_);
    return ahead_.empty() ? told : std::max(told, ahead_.rbegin()->second);
  }

 private:
  Position at_;
  Position end_;
  std::map<Position, Position> ahead_;  ///< known stretches behind a gap: first to last
};

}  // namespace edda::owner
