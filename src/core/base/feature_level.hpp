#pragma once

namespace edda {

/// What a store's events may hold (R23). A release reads all levels up to its newest, and writes what the store's level allows: the operator
/// raises that when every node has been upgraded, and no older release can be started on the store from then on.
///
/// 1: orders and payments, and the sagas that charge, cancel and refund them.
/// 2: also products and their stock; sagas that fork, wait, have deadlines of their own, and are acted on by operators.
inline constexpr int newest_feature_level = 2;

}  // namespace edda
