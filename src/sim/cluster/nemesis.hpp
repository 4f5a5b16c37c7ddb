#pragma once

#include <memory>
#include <vector>

#include "cluster/node.hpp"
#include "cluster/plan.hpp"

namespace edda::sim {

/// Makes the large troubles happen during the safety phase: crashes, pauses, slow nodes, restarts and fail-overs of the database, outages, partitions. All of
/// them are planned at the start of the run; each heals by itself or by `heal`.
class Nemesis {
 public:
  Nemesis(Surroundings around, const Plan& plan, std::vector<std::unique_ptr<Node>>& nodes)
      : around_(around), plan_(plan), nodes_(nodes) {}

  void start();
  /// The end of the safety phase: what is paused goes on, what is down comes back; one node never does.
  void heal();
  /// When a blackout is over; in the past without one.
  SteadyTime dark_until() const { return dark_until_; }
  /// How wrong a starting node's clocks are.
  ClockFault draw_clocks();

 private:
  void plan_some(int count, std::string_view kind, void (Nemesis::*strike)());
  void crash();
  void pause();
  void slow();
  void restart_store();
  void gateway_down();
  void feed_down();
  void cut();
  void raise_feature_level();
  void upgrade(Node& node, Duration after);
  void blackout();
  void start_later(Node& node, Duration after);
  Node& any_node();
  Duration draw(Duration shortest, Duration longest);

  Surroundings around_;
  const Plan& plan_;
  std::vector<std::unique_ptr<Node>>& nodes_;
  bool healed_ = false;
  SteadyTime dark_until_{};
};

}  // namespace edda::sim
