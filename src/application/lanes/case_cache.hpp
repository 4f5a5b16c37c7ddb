#pragma once

#include <list>
#include <memory>
#include <unordered_map>
#include <utility>

#include "base/ids.hpp"
#include "turn/order_case.hpp"

namespace edda::lanes {

/// The most recently used cases (an order with its payment and sagas, or a product), folded, by their subject. Holds committed state only.
/// Thread-safety: none; owned by one lane.
class CaseCache {
 public:
  explicit CaseCache(std::size_t capacity) : capacity_(capacity) {}

  /// nullptr if the case is not cached.
  std::shared_ptr<const turn::OrderCase> find(const Uuid& id) {
    const auto found = index_.find(id);
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->second;
  }

  void put(const Uuid& id, std::shared_ptr<const turn::OrderCase> state) {
    if (const auto found = index_.find(id); found != index_.end()) {
      found->second->second = std::move(state);
      entries_.splice(entries_.begin(), entries_, found->second);
      return;
    }
    entries_.emplace_front(id, std::move(state));
    index_.emplace(id, entries_.begin());
    if (entries_.size() > capacity_) {
      index_.erase(entries_.back().first);
      entries_.pop_back();
    }
  }

  void clear() {
    index_.clear();
    entries_.clear();
  }

  void drop(const Uuid& id) {
    const auto found = index_.find(id);
    if (found == index_.end()) return;
    entries_.erase(found->second);
    index_.erase(found);
  }

 private:
  using Entries = std::list<std::pair<Uuid, std::shared_ptr<const turn::OrderCase>>>;
  std::size_t capacity_;
  Entries entries_;
  std::unordered_map<Uuid, Entries::iterator> index_;
};

}  // namespace edda::lanes
