#pragma once

#include <vector>

#include "kernel/kernel.hpp"
#include "world/gateway.hpp"
#include "world/store.hpp"

namespace edda::sim {

/// What the caller of a run may choose.
struct RunOptions {
  int nodes = 3;
};

/// What one seed is about: how large, which faults and how strong (swarm: leaving things out finds more than always doing everything), all of it
/// drawn at the start.
struct Plan {
  int nodes = 3;
  int clients = 4;
  int orders_per_client = 10;
  int orders_after = 0;       ///< so many more of each client when the faults have just gone, while shards still change their owners
  Duration think_time{};      ///< between a client's requests, at most
  Duration safety{};          ///< how long faults go on
  StoreSettings store;
  GatewaySettings gateway;
  int crashes = 0;            ///< so many of each during the safety phase
  int pauses = 0;
  int slowings = 0;
  int store_restarts = 0;
  int gateway_outages = 0;
  int feed_outages = 0;
  int cuts = 0;               ///< one node from one service
  int old_nodes = 0;          ///< begin with a release that knows feature level 1 only; the store's level is raised while they run
  int blackouts = 0;          ///< all nodes down for many hours
  bool webhooks = false;      ///< the gateway tells of its effects by itself
  bool skewed_clocks = false;
  int tracked_products = 0;   ///< whose stock is counted
  int on_hand_least = 0;      ///< so many of each are there at the start, or some more
  bool operator_acts = false;
  std::int64_t approval_above = 0;  ///< orders of so many minor units wait for an approval; 0: none
  int claims_permille = 0;    ///< orders that claim their product set
  int cancels_permille = 0;
  int refunds_permille = 0;

  /// True where commits may be lost that clients heard of: then what they heard cannot be held against the store.
  bool may_lose_acknowledged() const { return store.standby_may_lag; }
};

/// Draws the plan and sets the strengths of the faults in `kernel`.
Plan draw_plan(Kernel& kernel, const RunOptions& options);

}  // namespace edda::sim
