#pragma once

#include <atomic>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "lanes/lane.hpp"
#include "order/item.hpp"
#include "ports/read_models.hpp"
#include "ports/task.hpp"

namespace edda::products {

/// Which products' stock is counted, so that an order of none of them is spared the step that would reserve nothing. It is a hint: what is
/// reserved is decided by the product itself. Some 100 bytes a product.
/// Thread-safety: callable from any thread.
class TrackedProducts {
 public:
  /// Reads them all. Errors: those of the views.
  Task<Result<void>> load(ReadModels& views, Deadline deadline);
  /// Keeps up with what this node commits.
  void on_commit(const std::vector<lanes::CommittedTurn>& turns);

  bool any_of(const std::vector<order::Item>& items) const;
  std::size_t size() const { return count_.load(std::memory_order_acquire); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  void set(const std::string& product, bool tracked);

  mutable std::shared_mutex mutex_;
  std::unordered_set<std::string, Hash, std::equal_to<>> tracked_;  ///< guarded by mutex_
  std::atomic<std::size_t> count_ = 0;                              ///< of tracked_: where nothing is tracked nobody takes the lock
};

}  // namespace edda::products
