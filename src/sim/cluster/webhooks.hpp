#pragma once

#include <memory>
#include <vector>

#include "cluster/node.hpp"

namespace edda::sim {

/// The gateway tells of its effects by itself: late, twice, in any order, to any node, again and again until one says that it has it.
class Webhooks {
 public:
  Webhooks(Surroundings around, std::vector<std::unique_ptr<Node>>& nodes) : around_(around), nodes_(nodes) {}

  void start();
  /// Not yet taken by a node.
  std::size_t under_way() const { return under_way_; }

 private:
  void tell_later(owner::ToldAnswer told, Duration after);
  void tell(owner::ToldAnswer told);
  static Task<void> deliver(Webhooks& self, Life& life, owner::ToldAnswer told, std::shared_ptr<bool> settled);

  Surroundings around_;
  std::vector<std::unique_ptr<Node>>& nodes_;
  std::size_t under_way_ = 0;
};

}  // namespace edda::sim
