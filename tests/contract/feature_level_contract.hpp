#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>

#include "contract/store_driver.hpp"
#include "ports/event_store.hpp"
#include "ports/feature_level.hpp"

namespace edda::test {

/// A store behind the ports that concern its feature level.
class LevelledStore {
 public:
  virtual ~LevelledStore() = default;
  virtual EventStore& log() = 0;
  virtual FeatureLevel& level() = 0;
  /// Another node of the store, whose release knows no later level than `newest`, shows that it lives for so long. Needed of stores that
  /// several nodes share.
  virtual void other_node(std::string, int /*newest*/, std::chrono::milliseconds) {}
  /// As a later process finds it.
  virtual void reopen() = 0;
};

struct LevelAdapter {
  std::string name;
  std::function<std::unique_ptr<LevelledStore>(int level)> make;
};

/// What every store keeps of its feature level (R23). An adapter joins with
/// INSTANTIATE_TEST_SUITE_P(Name, ContractFeatureLevel, testing::Values(LevelAdapter{...}), level_adapter_name).
class ContractFeatureLevel : public testing::TestWithParam<LevelAdapter> {};
/// Of stores that several nodes share.
class ContractSharedFeatureLevel : public testing::TestWithParam<LevelAdapter> {};

inline std::string level_adapter_name(const testing::TestParamInfo<LevelAdapter>& info) { return info.param.name; }

}  // namespace edda::test
