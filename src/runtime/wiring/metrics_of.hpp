#pragma once

#include "lanes/lane_group.hpp"
#include "metrics/registry.hpp"
#include "owner/answer_delivery.hpp"
#include "owner/dispatcher.hpp"
#include "owner/publisher.hpp"
#include "owner/shard_keeper.hpp"
#include "ports/clock.hpp"

namespace edda::wiring {

/// Histograms that lanes and steps are measured with; registered here, once.
lanes::LaneMeters lane_meters(metrics::Registry& metrics);
owner::StepMeter step_meter(metrics::Registry& metrics);
metrics::Family<metrics::Histogram>* saga_meter(metrics::Registry& metrics);

/// Registers the numbers that lanes and dispatcher keep. All referred to must live as long as the registry is read.
void register_engine(metrics::Registry& metrics, const lanes::LaneGroup& lanes, const owner::Dispatcher& dispatcher, Clock& clock);

/// How the node fares among others, and its feed. `publisher`: null where nothing is published.
void register_cluster(metrics::Registry& metrics, const owner::ShardKeeper& keeper, const owner::Publisher* publisher, Clock& clock);

/// Webhooks by what became of them; the same lifetime.
void register_webhooks(metrics::Registry& metrics, const owner::AnswerDelivery& delivery);

}  // namespace edda::wiring
