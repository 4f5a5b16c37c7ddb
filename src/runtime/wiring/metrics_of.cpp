#include "wiring/metrics_of.hpp"

#include <unistd.h>

#include <cstdio>

#include "saga/engine.hpp"

namespace edda::wiring {
namespace {

metrics::Reader one(std::function<double()> read) {
  return [read = std::move(read)] { return std::vector<metrics::Sample>{{{}, read()}}; };
}

void register_lane(metrics::Registry& metrics, const lanes::Lane& lane) {
  const auto counter = [&](std::string name, std::string help, std::uint64_t lanes::LaneStats::*field) {
    metrics.read_counter(std::move(name), std::move(help), {},
                         one([&lane, field] { return static_cast<double>(lane.stats().*field); }));
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
                     one([&lane] { return static_cast<double>(lane.stats().queued); }));
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
  metrics.read_gauge("edda_saga_steps_in_flight", "Sends without an answer yet.", {},
                     one([&] { return static_cast<double>(dispatcher.stats().in_flight); }));
  metrics.read_gauge("edda_saga_steps_waiting", "Requested steps that wait for a free place to be sent.", {},
                     one([&] { return static_cast<double>(dispatcher.stats().waiting); }));
  metrics.read_gauge("edda_saga_timers", "Pauses before a further attempt.", {},
                     one([&] { return static_cast<double>(dispatcher.stats().timers); }));
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

void register_metrics(metrics::Registry& metrics, const lanes::Lane& lane, const owner::Dispatcher& dispatcher) {
  register_lane(metrics, lane);
  register_dispatcher(metrics, dispatcher);
  metrics.read_gauge("process_resident_memory_bytes", "Resident memory size in bytes.", {},
                     one([] { return static_cast<double>(resident_bytes()); }));
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
