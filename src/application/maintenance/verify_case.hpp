#pragma once

#include <optional>
#include <string>

#include "base/timestamp.hpp"
#include "maintenance/verify_report.hpp"
#include "ports/read_models.hpp"
#include "turn/order_case.hpp"

/// What `edda verify` thinks of one order. Pure.
namespace edda::maintenance {

/// nullopt: this state of a saga is as it should be; else the fault. A live saga has a next move (R18); an ended one has nothing open.
std::optional<std::string> fault_of(const saga::State& saga);

/// True where the two rows alone show an order at rest with its money in order: most orders, most of the time.
bool is_settled(const OrderRow& order, const PaymentRow& payment);

/// Adds a settled order's money to the totals.
void count_settled(VerifyReport& report, const OrderRow& order, const PaymentRow& payment);

/// Judges an order by its whole story and adds its money, its faults and what is under way to the report.
/// `late`: the order has been on its way for longer than it should.
void judge_case(VerifyReport& report, const turn::OrderCase& state, bool late);

}  // namespace edda::maintenance
