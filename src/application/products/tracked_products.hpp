#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "lanes/turns.hpp"
#include "order/item.hpp"
#include "ports/read_models.hpp"
#include "ports/task.hpp"

namespace edda::products {

/// Which products' stock is counted, so that an order of none of them is spared the step that would reserve nothing. It is a hint: what is
/// reserved is decided by the product itself. Some 100 bytes a product.
/// Thread-safety: callable from any thread; `load` and `refresh` one at a time.
class TrackedProducts {
 public:
  /// Reads them all. Errors: those of the views; nothing is changed then.
  Task<Result<void>> load(ReadModels& views, Deadline deadline);
  /// Reads them all if any product was created or changed since the last time, by whatever node. Errors: as load.
  Task<Result<void>> refresh(ReadModels& views, Deadline deadline);
  /// Keeps up with what this node commits.
  void on_commit(const std::vector<lanes::CommittedTurn>& turns);

  bool any_of(const std::vector<order::Item>& items) const;
  std::size_t size() const { return count_.load(std::memory_order_acquire); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };
  using Names = std::unordered_set<std::string, Hash, std::equal_to<>>;

  Task<Result<void>> load_as_of(std::int64_t changes, ReadModels& views, Deadline deadline);
  void set(const std::string& product, bool tracked);
  void put(const std::string& product, bool tracked);

  mutable std::shared_mutex mutex_;
  Names tracked_;                                        ///< guarded by mutex_
  std::optional<std::map<std::string, bool>> meanwhile_;  ///< while all are read: what this node committed; guarded by mutex_
  std::atomic<std::size_t> count_ = 0;                   ///< of tracked_: where nothing is tracked nobody takes the lock
  std::int64_t changes_ = -1;                            ///< creations and changes of products that are surely known here
};

}  // namespace edda::products
