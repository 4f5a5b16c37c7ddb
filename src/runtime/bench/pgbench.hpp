#pragma once

#include <filesystem>
#include <string>

#include "bench/local_cluster.hpp"
#include "bench/made_turns.hpp"

namespace edda::bench {

/// One transaction of pgbench: the rows that the turns of a batch leave in the store, half placings and half outcomes, by plain multi-row
/// statements in one round trip. Nothing is checked; ids are made by numbers that grow with time. Each client has a shard to itself and takes
/// its batch's number from the variable n. `turns` is even.
std::string pgbench_script(TurnMaker& maker, std::size_t turns);

/// PostgreSQL's own limit: pgbench with that script, in a database beside the nodes' own with the same schema.
class PgBench {
 public:
  /// Makes the database. Errors: unavailable.
  static Result<PgBench> prepare(const LocalCluster& cluster, std::filesystem::path scratch);

  /// Sagas (two turns each) per second. Errors: unavailable.
  Result<double> run(std::size_t turns_a_batch, std::size_t clients, std::chrono::seconds duration);

 private:
  PgBench(const LocalCluster& cluster, std::filesystem::path scratch) : cluster_(cluster), scratch_(std::move(scratch)) {}

  const LocalCluster& cluster_;
  std::filesystem::path scratch_;
  TurnMaker maker_{1};
  int runs_ = 0;
};

}  // namespace edda::bench
