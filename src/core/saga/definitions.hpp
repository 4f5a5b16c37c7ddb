#pragma once

#include <span>
#include <string_view>

#include "saga/definition.hpp"

/// The sagas of this release, as data. Versions that are not started any more stay: a saga in flight keeps the one it was started with.
namespace edda::saga {

/// Carries a new order to its end: reserves its stock and awaits its approval where these are asked for, charges it and confirms it; or
/// cancels it. Version 2.
extern const Definition order_processing;
/// The same without a fork; what nodes below feature level 2 start.
extern const Definition order_processing_1;
/// Of an order that the replaced system took (docs/import.md). Its charge was asked for under no key of ours: it is never sent again, and
/// not voided either, because an answer under our key would say nothing about it. What became of it a person says. Version 0.
extern const Definition order_imported;
/// Cancels an order that was paid: pays everything back that is left, gives its stock back, then cancels it. Version 2.
extern const Definition order_cancellation;
/// The same without stock.
extern const Definition order_cancellation_1;
/// Pays a part (or the rest) of an order back; the order stands.
extern const Definition payment_refund;

// Names of steps that others speak of.
inline constexpr std::string_view stock_reservation = "stock_reservation";
inline constexpr std::string_view order_approval = "order_approval";
inline constexpr std::string_view payment_processing = "payment_processing";
inline constexpr std::string_view stock_release = "stock_release";

/// Every definition this release can carry on.
std::span<const Definition* const> all_definitions();
/// nullptr if this release knows none such.
const Definition* find_definition(std::string_view name, int version);

}  // namespace edda::saga
