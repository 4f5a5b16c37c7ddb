#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/digest.hpp"
#include "base/ids.hpp"
#include "stock/events.hpp"
#include "views/rows.hpp"

/// A product and how many of it are there. Reservations are not kept here: the store's command rows remember the key of each, so the
/// state stays as small on the millionth order as on the first.
namespace edda::stock {

/// The stream of the product that order lines name `product`, told from the name alone: a name-based uuid, so no client's choice of a
/// name can meet another stream.
ProductId id_of(std::string_view product);

/// What a product's events add up to. Version 0: there is no such product.
/// available + held = the sum of all adjustments; held = the sum of the reservations that were not released; neither is ever negative.
struct State {
  StreamVersion version;
  ProductId id;
  std::string product;  ///< its id in order lines
  std::string name;
  UserId merchant;
  bool tracked = false;
  std::int64_t available = 0;  ///< thousandths
  std::int64_t held = 0;       ///< thousandths, reserved by orders

  bool exists() const { return version.value > 0; }
};

/// The most that may lie on a shelf, in thousandths: sums of it stay far from where integers end.
inline constexpr std::int64_t quantity_max = 1'000'000'000'000'000;

// Wishes.

struct CreateProduct {
  std::string product;
  std::string name;
  UserId merchant;
  bool tracked = true;
  std::int64_t on_hand = 0;
};
/// What is not set stays.
struct ChangeProduct {
  std::optional<std::string> name;
  std::optional<bool> tracked;
};
struct AdjustStock {
  std::int64_t quantity = 0;
  std::string reason;
  UserId by;
};
/// A product that is not tracked, or not known, has nothing to reserve: no event.
struct Reserve {
  std::string key;  ///< of the step and line that ask
  OrderId order;
  std::int64_t quantity = 0;
};
/// Undoes the reservation under `key`, whatever became of it.
struct Release {
  std::string key;
  OrderId order;
  /// What stands under the key: it never changes once it is there. None when the key was not used yet: then it is spent now, and if
  /// somebody uses it in the same instant the store answers `duplicate`: look again.
  std::optional<Event> answered;
};
using Command = std::variant<CreateProduct, ChangeProduct, AdjustStock, Reserve, Release>;

enum class Rejection {
  already_exists,
  not_found,
  insufficient_stock,  ///< adjust: more would be taken away than is available
  too_much_stock,      ///< adjust: above quantity_max
  not_held,            ///< release: nothing is held, it was released before
};
std::string_view to_string(Rejection rejection);

/// Errors: the rejection. Pure. A reservation that cannot be had is no rejection but an event: its key must answer the same for ever.
std::expected<std::vector<Event>, Rejection> decide(const State& state, const Command& command);
/// Cannot fail: events are facts.
State evolve(State state, const Event& event);

/// The key under which the reservation under `key` is released, by whomever: two who release it release it once.
std::string release_key(std::string_view key);
/// The key whose command row must be stored with this event; nullopt for what clients ask for.
std::optional<std::string> command_key(const Event& event);
/// The command row's key in the store.
Digest128 digest_of(std::string_view command_key);

/// The read-model row of a state. Needs an existing product.
ProductRow row_of(const State& state);
/// The state behind a row: the row holds all of it.
State state_of(const ProductRow& row);

}  // namespace edda::stock
