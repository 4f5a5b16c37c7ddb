#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>

#include "ports/cursors.hpp"
#include "ports/event_store.hpp"
#include "ports/shard_ownership.hpp"

namespace edda {

/// A store of three shards under test, with its cursors, its owners and its time.
struct OwnersHolder {
  virtual ~OwnersHolder() = default;
  virtual EventStore& log() = 0;
  virtual Cursors& cursors() = 0;
  virtual ShardOwnership& owners() = 0;
  /// The store's clock moves by this alone.
  virtual void let_pass(std::chrono::milliseconds time) = 0;
};
struct OwnersFactory {
  const char* name;
  std::function<std::unique_ptr<OwnersHolder>()> make;

  friend void PrintTo(const OwnersFactory& factory, std::ostream* out) { *out << factory.name; }
};

/// What every Cursors and every ShardOwnership does. An adapter joins both by INSTANTIATE_TEST_SUITE_P(ContractNAME, ...).
class ContractOwners : public testing::TestWithParam<OwnersFactory> {
 protected:
  void SetUp() override { holder_ = GetParam().make(); }

  Epoch take(std::uint16_t shard, std::string node);
  /// `process`: tells those of one name apart.
  ClusterView beat(std::string node, std::chrono::milliseconds lease = std::chrono::seconds(1), int process = 0);
  void release(std::uint16_t shard, Epoch epoch);
  void leave(std::string node, int process = 0);
  std::int64_t cursor(std::string reader, std::uint16_t shard);
  Result<void> move(std::string reader, std::uint16_t shard, Epoch epoch, std::int64_t position);
  void let_pass(std::chrono::milliseconds time) { holder_->let_pass(time); }

 private:
  std::unique_ptr<OwnersHolder> holder_;
};
class ContractCursors : public ContractOwners {};
class ContractShardOwnership : public ContractOwners {};

}  // namespace edda
