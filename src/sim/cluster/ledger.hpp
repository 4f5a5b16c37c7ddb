#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "orders/order_service.hpp"

namespace edda::sim {

/// What a client wanted, and what it was told: held against the store at the end.
struct Wish {
  enum class Kind { place, cancel, ship, deliver, refund };
  enum class Told {
    nothing,  ///< it may have happened
    done,
    refused,  ///< surely not, and for good: a rejection, or another holds the claim
  };
  std::size_t number = 0;
  Kind kind = Kind::place;
  Told told = Told::nothing;
  std::string key;                         ///< the client's idempotency key; empty: an old client's order, with a claim
  OrderId order;                           ///< which one; of a placing: once it is known
  UserId user;
  Money total;                             ///< place
  std::int64_t minor = 0;                  ///< refund
  std::optional<std::string> claimed_key;  ///< place
  bool misused = false;                    ///< place: under a key that stood for another order
  bool doubtful = false;                   ///< some request of it went without an answer, or with "outcome unknown"
  // As answered the first time; later answers must say the same.
  StreamVersion version;
  OrderStatus status = OrderStatus::pending;
  SagaId saga;
};

/// What an operator did about a saga, or said to it.
struct Act {
  std::size_t number = 0;
  SagaId saga;
  Wish::Told told = Wish::Told::nothing;
  bool doubtful = false;  ///< some request of it went without an answer, or with "outcome unknown"
  StreamVersion version;  ///< of the saga, as answered the first time
};

/// What clients and operators remember.
class Ledger {
 public:
  Wish& add(Wish wish) {
    wish.number = wishes_.size() + 1;
    return wishes_.emplace_back(std::move(wish));
  }
  const std::deque<Wish>& wishes() const { return wishes_; }

  Act& add_act(SagaId saga) { return acts_.emplace_back(acts_.size() + 1, saga); }
  const std::deque<Act>& acts() const { return acts_; }

 private:
  std::deque<Wish> wishes_;
  std::deque<Act> acts_;
};

/// The shipping address says which wish an order is: what was placed unheard is found by it.
std::string address_of(std::size_t wish);
/// 0: not one of ours.
std::size_t wish_of(std::string_view address);
/// The reason that an operator gives says which act it is.
std::string reason_of(std::size_t act);

}  // namespace edda::sim
