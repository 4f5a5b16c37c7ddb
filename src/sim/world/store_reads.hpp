#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ports/event_store.hpp"
#include "ports/read_models.hpp"
#include "world/store_data.hpp"

// What the simulated database answers to queries, as of one instant of its data. Pure.

namespace edda::sim {

std::vector<RecordedEvent> read_stream(const StoreData& data, StreamId stream, StreamVersion after, std::size_t limit);
std::vector<RecordedEvent> read_shard(const StoreData& data, ShardId shard, Position after, std::size_t limit);
EventStore::Backwards read_shard_backwards(const StoreData& data, ShardId shard, Position before,
                                           const std::optional<std::string>& type, std::size_t limit,
                                           std::size_t scan_limit);

Result<std::optional<OrderRecord>> find_order(const StoreData& data, OrderId id);
Result<ListPage<OrderRecord>> list_orders(const StoreData& data, const OrderFilter& filter, const ListWindow& window);
Result<ListPage<PaymentRecord>> list_payments(const StoreData& data, const PaymentFilter& filter,
                                              const ListWindow& window);
Result<ListPage<SagaRecord>> list_sagas(const StoreData& data, const SagaFilter& filter, const ListWindow& window);
Result<ListPage<ProductRecord>> list_products(const StoreData& data, const ProductFilter& filter,
                                              const ListWindow& window);
Totals totals(const StoreData& data);

}  // namespace edda::sim
