#pragma once

#include <span>
#include <string_view>

#include "saga/definition.hpp"

/// The sagas of this release, as data.
namespace edda::saga {

/// Carries a new order to its end: charges it and confirms it, or cancels it.
extern const Definition order_processing;
/// Cancels an order that was paid: pays everything back that is left, then cancels it.
extern const Definition order_cancellation;
/// Pays a part (or the rest) of an order back; the order stands.
extern const Definition payment_refund;

/// Every definition this release can carry on.
std::span<const Definition* const> all_definitions();
/// nullptr if this release knows none such.
const Definition* find_definition(std::string_view name, int version);

}  // namespace edda::saga
