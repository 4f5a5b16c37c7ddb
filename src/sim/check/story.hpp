#pragma once

#include <map>
#include <string>
#include <vector>

#include "turn/order_case.hpp"
#include "world/store_data.hpp"

namespace edda::sim {

/// One order as the log tells it, with its past.
struct OrderStory {
  turn::OrderCase now;
  std::vector<OrderStatus> statuses;  ///< after each version of the order's stream, the first at index 0
  std::string address;
  int unknown_resolved = 0;           ///< steps whose fate was unknown, and then known
  int keys_expired = 0;               ///< steps parked because their key was too old
  bool stock_kept = false;            ///< an operator left out giving it back
  std::vector<std::string> acts;      ///< the reasons of what operators did about its sagas
  std::vector<std::string> faults;    ///< what in its sagas' past should not be (I10, I22, R17)
};

/// One product as the log tells it.
struct ProductStory {
  stock::State now;
  std::int64_t adjusted = 0;                                             ///< the sum of all adjustments, thousandths
  std::map<std::string, std::pair<OrderId, std::int64_t>> reserved;      ///< by key: for whom and how much; not released
  std::string fault;
};

/// The whole log, folded once by the checker.
struct Story {
  std::map<StreamId, ProductStory> products;
  std::map<OrderId, OrderStory> orders;
  std::string corrupt;  ///< set: an event that cannot be read
};

Story tell(const StoreData& data);

inline bool waits_for_a_person(SagaStatus status) { return status == SagaStatus::parked || status == SagaStatus::paused; }
/// Some saga of the order waits for a person, or a person has closed it as it was: what it owes is that person's to settle (promise 2).
bool is_a_persons(const OrderStory& order);

}  // namespace edda::sim
