#include "wiring/metrics_of.hpp"

#include <unistd.h>

#include <cstdio>

#include "saga/engine.hpp"

namespace edda::wiring {
namespace {

metrics::Reader one(std::function<double()> read) {
  return [read = std::move(read)] { return std::vector<metrics::Sample>{{{}, read()}}; };
}

void register_lanes(metrics::Registry& metrics, const lanes::LaneGroup& lanes) {
  const auto counter = [&](std::string name, std::string help, std::uint64_t lanes::LaneStats::*field) {
    metrics.read_counter(std::move(name), std::move(help), {},
                         one([&lanes, field] { return static_cast<double>(lanes.stats().*field); }));
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
  metrics.read_gauge("edda_lane_queue_length", "Commands that wait for the lane.", {},
                     one([&lanes] { return static_cast<double>(lanes.stats().queued); }));
}

void register_dispatcher(metrics::Registry& metrics, const owner::Dispatcher& dispatcher) {
  metrics.read_counter("edda_saga_step_sends", "Sends of outside steps, repeats included.", {},
                       one([&] { return static_cast<double>(dispatcher.stats().sends); }));
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
    metrics.read_counter(name, help, {}, one([&dispatcher, member] { return static_cast<double>(dispatcher.stats().*member); }));
  };
  const auto gauge = [&](const char* name, const char* help, auto member) {
    metrics.read_gauge(name, help, {}, one([&dispatcher, member] { return static_cast<double>(dispatcher.stats().*member); }));
  };
  using S = owner::DispatcherStats;
  gauge("edda_saga_steps_in_flight", "Sends without an answer yet.", &S::in_flight);
  gauge("edda_saga_steps_waiting", "Requested steps that wait for a free place, or for the breaker, to be sent.", &S::waiting);
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

std::size_t resident_bytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "r");
  if (file == nullptr) return 0;
  unsigned long total = 0;
  unsigned long resident = 0;
  const int read = std::fscanf(file, "%lu %lu", &total, &resident);
  std::fclose(file);
  return read == 2 ? resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) : 0;
}

void register_metrics(metrics::Registry& metrics, const lanes::LaneGroup& lanes, const owner::Dispatcher& dispatcher) {
  register_lanes(metrics, lanes);
  register_dispatcher(metrics, dispatcher);
  metrics.read_gauge("process_resident_memory_bytes", "Resident memory size in bytes.", {},
                     one([] { return static_cast<double>(resident_bytes()); }));
}

void register_cluster(metrics::Registry& metrics, const owner::ShardKeeper& keeper, const owner::Publisher* publisher) {
  metrics.read_gauge("edda_cluster_nodes", "Nodes that live, this one among them.", {},
                     one([&keeper] { return static_cast<double>(keeper.stats().nodes); }));
  metrics.read_counter("edda_lease_lapses", "Times that all shards were dropped because the lease had run out.", {},
                       one([&keeper] { return static_cast<double>(keeper.stats().lapses); }));
  if (publisher == nullptr) return;
  metrics.read_counter("edda_feed_events", "Events published, repeats included.", {},
                       one([publisher] { return static_cast<double>(publisher->stats().published); }));
  metrics.read_counter("edda_feed_failures", "Times that events could not be published.", {},
                       one([publisher] { return static_cast<double>(publisher->stats().failures); }));
  metrics.read_gauge("edda_feed_behind", "Events of owned shards that are committed and not yet published.", {},
                     one([publisher] { return static_cast<double>(publisher->stats().behind); }));
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
