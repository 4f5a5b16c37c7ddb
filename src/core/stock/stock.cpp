#include "stock/stock.hpp"

#include <array>

#include "base/overloaded.hpp"
#include "base/planted.hpp"
#include "base/uuid_v5.hpp"

namespace edda::stock {
namespace {

using Decision = std::expected<std::vector<Event>, Rejection>;

// Drawn once; names products and nothing else.
constexpr Uuid products_name_space{
    {0x5b, 0x8f, 0x0e, 0x1d, 0x6a, 0x9c, 0x4c, 0x42, 0x9b, 0x57, 0x1f, 0x0a, 0xd3, 0x44, 0xe2, 0x71}};

bool fits(const State& state, std::int64_t added) {
  return added <= quantity_max && added >= -quantity_max && state.available + state.held + added <= quantity_max;
}

Decision decide(const State& state, const CreateProduct& c) {
  if (state.exists()) return std::unexpected(Rejection::already_exists);
  if (c.on_hand < 0) return std::unexpected(Rejection::insufficient_stock);
  if (!fits(state, c.on_hand)) return std::unexpected(Rejection::too_much_stock);
  std::vector<Event> events{ProductCreated{id_of(c.product), c.product, c.name, c.merchant, c.tracked}};
  if (c.on_hand > 0) events.emplace_back(StockAdjusted{c.on_hand, "On hand at the start", c.merchant, c.on_hand});
  return events;
}

Decision decide(const State& state, const ChangeProduct& c) {
  const ProductChanged changed{c.name.value_or(state.name), c.tracked.value_or(state.tracked)};
  if (changed.name == state.name && changed.tracked == state.tracked) return std::vector<Event>{};
  return std::vector<Event>{changed};
}

Decision decide(const State& state, const AdjustStock& c) {
  if (!fits(state, c.quantity)) return std::unexpected(Rejection::too_much_stock);
  if (state.available + c.quantity < 0) return std::unexpected(Rejection::insufficient_stock);
  return std::vector<Event>{StockAdjusted{c.quantity, c.reason, c.by, state.available + c.quantity}};
}

Decision decide(const State& state, const Reserve& c) {
  if (!state.exists() || !state.tracked || c.quantity <= 0) return std::vector<Event>{};
  if (c.quantity > state.available)
    return std::vector<Event>{StockReservationDeclined{c.key, c.order, c.quantity, state.available}};
  return std::vector<Event>{StockReserved{c.key, c.order, c.quantity}};
}

Decision decide(const State& state, const Release& c) {
  if (!state.exists()) return std::vector<Event>{};
  if (!c.answered) {
    if (EDDA_PLANTED(release_forgets_key)) return std::vector<Event>{};
    return std::vector<Event>{StockReservationVoided{c.key, c.order}};
  }
  const auto* reserved = std::get_if<StockReserved>(&*c.answered);
  if (reserved == nullptr) return std::vector<Event>{};
  if (reserved->quantity > state.held) return std::unexpected(Rejection::not_held);
  return std::vector<Event>{StockReleased{c.key, c.order, reserved->quantity}};
}

void apply(State& state, const ProductCreated& e) {
  state.id = e.id;
  state.product = e.product;
  state.name = e.name;
  state.merchant = e.merchant;
  state.tracked = e.tracked;
}
void apply(State& state, const ProductChanged& e) {
  state.name = e.name;
  state.tracked = e.tracked;
}
void apply(State& state, const StockAdjusted& e) { state.available += e.quantity; }
void apply(State& state, const StockReserved& e) {
  state.available -= e.quantity;
  state.held += e.quantity;
}
void apply(State&, const StockReservationDeclined&) {}
void apply(State&, const StockReservationVoided&) {}
void apply(State& state, const StockReleased& e) {
  state.available += e.quantity;
  state.held -= e.quantity;
}

}  // namespace

ProductId id_of(std::string_view product) { return ProductId{uuid_v5(products_name_space, product)}; }

std::string_view to_string(Rejection rejection) {
  switch (rejection) {
    case Rejection::already_exists: return "already_exists";
    case Rejection::not_found: return "not_found";
    case Rejection::insufficient_stock: return "insufficient_stock";
    case Rejection::too_much_stock: return "too_much_stock";
    case Rejection::not_held: return "not_held";
  }
  return "rejected";
}

std::expected<std::vector<Event>, Rejection> decide(const State& state, const Command& command) {
  const bool needs_product = std::holds_alternative<ChangeProduct>(command) || std::holds_alternative<AdjustStock>(command);
  if (!state.exists() && needs_product) return std::unexpected(Rejection::not_found);
  return std::visit([&](const auto& c) { return decide(state, c); }, command);
}

State evolve(State state, const Event& event) {
  std::visit([&](const auto& e) { apply(state, e); }, event);
  ++state.version.value;
  return state;
}

std::string release_key(std::string_view key) { return std::string(key) + "/release"; }

std::optional<std::string> command_key(const Event& event) {
  return std::visit(overloaded{
                        [](const StockReserved& e) { return std::optional(e.key); },
                        [](const StockReservationDeclined& e) { return std::optional(e.key); },
                        [](const StockReservationVoided& e) { return std::optional(e.key); },
                        [](const StockReleased& e) { return std::optional(release_key(e.key)); },
                        [](const auto&) { return std::optional<std::string>(); },
                    },
                    event);
}

Digest128 digest_of(std::string_view command_key) {
  const std::array<std::string_view, 3> parts{"saga", "stock", command_key};
  return digest128(parts);
}

ProductRow row_of(const State& state) {
  return ProductRow{state.id,      state.product,   state.name, state.merchant,
                    state.tracked, state.available, state.held, state.version};
}

State state_of(const ProductRow& row) {
  return State{row.version, row.id, row.product, row.name, row.merchant, row.tracked, row.available, row.held};
}

}  // namespace edda::stock
