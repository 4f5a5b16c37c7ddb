#pragma once

#include "lanes/lane_group.hpp"
#include "metrics/registry.hpp"
#include "owner/answer_delivery.hpp"
#include "owner/dispatcher.hpp"
#include "owner/publisher.hpp"
#include "owner/shard_keeper.hpp"
#include "ports/event_store.hpp"

namespace edda::wiring {

/// Bytes of memory this process has resident; 0 where the system does not tell.
std::size_t resident_bytes();

/// Registers the numbers that lanes, dispatcher and process keep. All referred to must live as long as the registry is read.
void register_metrics(metrics::Registry& metrics, const lanes::LaneGroup& lanes, const owner::Dispatcher& dispatcher);

/// How the node fares among others, and its feed. `publisher`: null where nothing is published.
void register_cluster(metrics::Registry& metrics, const owner::ShardKeeper& keeper, const owner::Publisher* publisher);

/// Webhooks by what became of them; the same lifetime.
void register_webhooks(metrics::Registry& metrics, const owner::AnswerDelivery& delivery);

}  // namespace edda::wiring
