#include "wiring/metrics_of.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "saga/engine.hpp"
#include "views/rows.hpp"

namespace edda::wiring {
namespace {

// An append takes what a flush of the disk or a round trip takes; a batch has 256 turns at most.
constexpr std::array append_turns{1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0};

// From a sale that nothing delays, over what retries take, to a day for an approval.
constexpr std::array saga_seconds{0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 86400.0};

void register_lanes(metrics::Registry& metrics, const lanes::LaneGroup& lanes) {
  const auto counter = [&](std::string name, std::string help, std::uint64_t lanes::LaneStats::* field) {
    metrics.read_counter(std::move(name), std::move(help),
                         [&lanes, field] { return static_cast<double>(lanes.stats().*field); });
  };
  using S = lanes::LaneStats;
  counter("edda_turns", "Turns stored.", &S::turns);
  counter("edda_append_batches", "Append transactions, each with all turns that waited.", &S::batches);
  counter("edda_turn_conflicts", "Turns decided again because a stream had moved on.", &S::conflicts);
  counter("edda_turn_duplicates", "Requests answered from the record of their idempotency key.", &S::duplicates);
  counter("edda_claims_refused", "Turns refused because another order holds a claimed key.", &S::claimed);
  counter("edda_turns_fenced", "Turns refused because their owner's epoch was stale.", &S::fenced);
  counter("edda_turn_rejections", "Commands that the domain refused.", &S::rejections);
  counter("edda_lane_overloads", "Commands refused because the lane's queue was full.", &S::overloaded);
  metrics.read_counter("edda_append_failures", "Append transactions that failed, by whether that is sure.", {"outcome"},
                       [&lanes] {
                         const auto stats = lanes.stats();
                         return std::vector<metrics::Sample>{{{"not_stored"}, static_cast<double>(stats.append_failed)},
                                                             {{"unknown"}, static_cast<double>(stats.append_unknown)}};
                       });
  metrics.read_gauge("edda_lane_queue_length", "Commands that wait for the lane.",
                     [&lanes] { return static_cast<double>(lanes.stats().queued); });
}

double seconds_since(const std::optional<Timestamp>& then, Clock& clock) {
  return then ? std::max(std::chrono::duration<double>(clock.now() - *then).count(), 0.0) : 0.0;
}

/// One sample for each status that is live, or is not.
template <class Counts>
std::vector<metrics::Sample> by_status(const Counts& counts, bool live) {
  std::vector<metrics::Sample> samples;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto status = static_cast<SagaStatus>(i);
    if (is_live(status) == live) samples.push_back({{std::string(to_string(status))}, static_cast<double>(counts[i])});
  }
  return samples;
}

void register_sagas(metrics::Registry& metrics, const owner::Dispatcher& dispatcher, Clock& clock) {
  metrics.read_gauge("edda_sagas", "Sagas of owned shards that have not ended, by state.", {"state"},
                     [&dispatcher] { return by_status(dispatcher.stats().by_status, true); });
  metrics.read_counter("edda_sagas_ended", "Sagas that ended while this node owned their shard, by how.", {"state"},
                       [&dispatcher] { return by_status(dispatcher.stats().ended, false); });
  metrics.read_gauge("edda_saga_oldest_step_seconds",
                     "Since the oldest step under way was first asked for; 0: none is under way.",
                     [&dispatcher, &clock] { return seconds_since(dispatcher.oldest_step(), clock); });
  metrics.read_gauge("edda_shard_epoch", "The epoch under which this node owns the shard; no sample: it does not.",
                     {"shard"}, [&dispatcher] {
                       std::vector<metrics::Sample> samples;
                       for (const auto& held : dispatcher.held())
                         samples.push_back({{std::to_string(held.shard.value)}, static_cast<double>(held.epoch.value)});
                       return samples;
                     });
}

void register_dispatcher(metrics::Registry& metrics, const owner::Dispatcher& dispatcher) {
  metrics.read_counter("edda_saga_step_sends", "Sends of outside steps, repeats included.",
                       [&] { return static_cast<double>(dispatcher.stats().sends); });
  metrics.read_counter("edda_saga_step_answers", "Answers of outside steps, by outcome.", {"outcome"}, [&dispatcher] {
    std::vector<metrics::Sample> samples;
    const auto stats = dispatcher.stats();
    for (const auto outcome :
         {saga::Outcome::succeeded, saga::Outcome::declined, saga::Outcome::failed, saga::Outcome::unknown})
      samples.push_back({{std::string(to_string(outcome))},
                         static_cast<double>(stats.answers[static_cast<std::size_t>(outcome)])});
    return samples;
  });
  const auto counter = [&](const char* name, const char* help, auto member) {
    metrics.read_counter(
        name, help, [&dispatcher, member] { return static_cast<double>(std::invoke(member, dispatcher.stats())); });
  };
  const auto gauge = [&](const char* name, const char* help, auto member) {
    metrics.read_gauge(name, help,
                       [&dispatcher, member] { return static_cast<double>(std::invoke(member, dispatcher.stats())); });
  };
  using S = owner::DispatcherStats;
  gauge("edda_saga_steps_in_flight", "Sends without an answer yet.", &S::in_flight);
  gauge("edda_saga_steps_waiting", "Requested steps that wait for a free place, or for the breaker, to be sent.", &S::waiting);
  gauge("edda_saga_steps_silent", "Sends that were given up without an answer, which may still come.", &S::silent);
  gauge("edda_saga_timers", "Pauses before a further attempt.", &S::timers);
  gauge("edda_sagas_live", "Sagas of owned shards that have not ended.", &S::live);
  gauge("edda_sagas_parked", "Of those, the ones that wait for an operator.", &S::parked);
  gauge("edda_gateway_breaker_state", "0: closed, all is sent; 1: open, steps wait; 2: one request at a time sees whether it is back.",
        &S::breaker);
  counter("edda_gateway_breaker_opened", "Times that the gateway was found not to answer.", &S::breaker_opened);
  gauge("edda_owned_shards", "Shards that this node acts for.", &S::shards);
  counter("edda_shard_take_overs", "Shards taken, at the start or from another node.", &S::taken);
  counter("edda_shards_fenced", "Shards lost to another node that this one found out by a refusal.", &S::fenced);
  gauge("edda_tail_loading", "Orders that wait to be folded from the log.", &S::loading);
  counter("edda_tail_gap_events", "Events read from the log because nobody announced them.", &S::gap_events);
  counter("edda_orders_unreadable", "Orders that this release could not fold: their sagas stand still.", &S::unreadable);
}

}  // namespace

lanes::LaneMeters lane_meters(metrics::Registry& metrics) {
  return {.wait_seconds = &metrics.histogram("edda_lane_wait_seconds", "Commands, from their arrival at the lane to the batch that decides them.",
                                             metrics::request_seconds),
          .append_seconds = &metrics.histogram("edda_append_duration_seconds", "Append transactions, repeats of a lost one included.",
                                               metrics::request_seconds),
          .append_turns = &metrics.histogram("edda_append_batch_turns", "Turns in an append transaction.", append_turns)};
}

owner::StepMeter step_meter(metrics::Registry& metrics) {
  return &metrics.histograms("edda_saga_step_duration_seconds", "Sends of outside steps, until their answer or until they were given up.",
                             {"step", "direction"}, metrics::request_seconds);
}

metrics::Family<metrics::Histogram>* saga_meter(metrics::Registry& metrics) {
  return &metrics.histograms("edda_saga_duration_seconds", "Sagas that ended while this node owned their shard, from their start.", {"state"},
                             saga_seconds);
}

void register_engine(metrics::Registry& metrics, const lanes::LaneGroup& lanes, const owner::Dispatcher& dispatcher, Clock& clock) {
  register_lanes(metrics, lanes);
  register_dispatcher(metrics, dispatcher);
  register_sagas(metrics, dispatcher, clock);
}

void register_cluster(metrics::Registry& metrics, const owner::ShardKeeper& keeper, const owner::Publisher* publisher,
                      Clock& clock) {
  metrics.read_gauge("edda_cluster_nodes", "Nodes that live, this one among them.",
                     [&keeper] { return static_cast<double>(keeper.stats().nodes); });
  metrics.read_counter("edda_lease_lapses", "Times that all shards were dropped because the lease had run out.",
                       [&keeper] { return static_cast<double>(keeper.stats().lapses); });
  metrics.read_counter("edda_lease_renewal_failures", "Times that this node could not show the store that it lives.",
                       [&keeper] { return static_cast<double>(keeper.stats().beats_failed); });
  metrics.read_counter("edda_clock_disagreements",
                       "Looks at which the store's clock and this node's were too far apart.",
                       [&keeper] { return static_cast<double>(keeper.stats().clock_off); });
  metrics.read_gauge("edda_cluster_shards_unowned", "Shards that no living node owns, as this node last saw it.",
                     [&keeper] {
                       return static_cast<double>(std::ranges::count_if(
                           keeper.seen().shards, [](const auto& shard) { return shard.node.empty() || !shard.alive; }));
                     });
  if (publisher == nullptr) return;
  metrics.read_counter("edda_feed_events", "Events published, repeats included.",
                       [publisher] { return static_cast<double>(publisher->stats().published); });
  metrics.read_counter("edda_feed_failures", "Times that events could not be published.",
                       [publisher] { return static_cast<double>(publisher->stats().failures); });
  metrics.read_gauge("edda_feed_behind", "Events of owned shards that are committed and not yet published.",
                     [publisher] { return static_cast<double>(publisher->stats().behind); });
  metrics.read_gauge("edda_feed_behind_seconds",
                     "Since the oldest event that is committed and not yet published; 0: there is none.",
                     [publisher, &clock] { return seconds_since(publisher->stats().behind_since, clock); });
}

void register_webhooks(metrics::Registry& metrics, const owner::AnswerDelivery& delivery) {
  metrics.read_counter("edda_gateway_webhooks", "Webhooks whose signature held, by what became of them.", {"result"}, [&delivery] {
    std::vector<metrics::Sample> samples;
    for (const auto result : owner::all_deliveries)
      samples.push_back({{std::string(to_string(result))}, static_cast<double>(delivery.count(result))});
    return samples;
  });
}

}  // namespace edda::wiring
