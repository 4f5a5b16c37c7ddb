#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "kafka/handles.hpp"
#include "kafka/settings.hpp"

namespace edda::kafka {

/// A topic that this program cannot do without.
struct TopicWanted {
  std::string name;
  int partitions = 1;
  std::int16_t replication = -1;  ///< when it is created; -1: as the brokers say
  std::vector<std::pair<std::string, std::string>> options = {};  ///< when it is created
};

/// Creates what is missing and looks whether each topic has its partitions: with another number of them, events would go to the wrong
/// one or nowhere. Blocks for some seconds at most; ends early when `stopping` says so.
/// Errors: unavailable; with reason "wrong_partitions" where somebody must do something about a topic.
Result<void> ensure_topics(rd_kafka_t& client, const std::vector<TopicWanted>& wanted, const std::function<bool()>& stopping);

}  // namespace edda::kafka
