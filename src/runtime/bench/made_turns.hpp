#pragma once

#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "ports/event_store.hpp"
#include "turn/order_case.hpp"
#include "turn/turn.hpp"

namespace edda::bench {

/// A turn decided beforehand, and the times its rows stand under.
struct MadeTurn {
  Turn turn;
  Timestamp created_at;  ///< of the order's streams
  bool placing = false;
};

/// One transaction: turns, and what they change in the totals.
struct MadeBatch {
  std::vector<MadeTurn> turns;
  std::vector<std::tuple<std::string, std::string, std::int64_t>> totals;
};

/// Makes the turns of good sales by the rules of the domain, as the server would store them: what a bare loop writes as a measure of
/// what the store could do.
class TurnMaker {
 public:
  explicit TurnMaker(std::size_t users);

  /// `turns` turns: half of them place orders, half bring the payments of the batch before.
  MadeBatch batch(std::size_t turns);
  MadeTurn placing();
  /// Of the oldest order that was placed and not charged. Call after `placing`.
  MadeTurn charged();

 private:
  struct Placed {
    turn::OrderCase state;
    Timestamp at;
    TurnId turn;
  };
  Uuid id(Timestamp at, std::uint16_t low16);
  MadeTurn encode(const turn::OrderCase& before, const turn::Command& command, Timestamp at, turn::OrderCase& after);

  std::mt19937_64 random_{std::random_device{}()};
  std::vector<UserId> users_;
  std::vector<Placed> placed_;  // oldest last
};

}  // namespace edda::bench
