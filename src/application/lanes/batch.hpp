#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "lanes/lane.hpp"

namespace edda::lanes {

/// A command that waits in the lane.
struct Pending {
  TurnRequest request;
  Deadline deadline;
  boost::asio::any_io_executor home;  ///< where the caller waits
  std::move_only_function<void(TurnAnswer)> reply;
  int tries = 0;
  SteadyTime since{};  ///< when it was submitted
};

/// A command with its answer, which is not told before it is true: the turns that it was folded over are stored.
struct Answered {
  Pending pending;
  TurnAnswer answer;
};

/// One command of a batch, decided: a turn to store, or an answer that stores nothing.
struct Decided {
  Pending pending;
  std::optional<TurnAnswer> answer = {};
  bool rejected = false;  ///< `answer` is the domain's refusal
  std::shared_ptr<turn::Decision> decision = {};
  std::optional<std::size_t> turn = {};  ///< index in the batch's turns
};

/// Commands that are decided one over the other and stored together.
struct Batch {
  /// What earlier turns of the batch would leave behind.
  struct StagedCase {
    std::shared_ptr<const turn::OrderCase> state;
    std::size_t turn = 0;  ///< the last that led to it; it names the one before
  };

  Uuid generation;  ///< of the store that it is decided over
  std::vector<Decided> decided;
  std::shared_ptr<std::vector<Turn>> turns = std::make_shared<std::vector<Turn>>();  ///< shared with who is told of the commit
  std::unordered_map<Uuid, StagedCase> staged;  ///< by subject
};

}  // namespace edda::lanes
