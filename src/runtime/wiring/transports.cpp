#include "wiring/transports.hpp"

#include <optional>

#include "kafka/event_sink.hpp"
#include "kafka/step_executor.hpp"
#include "saga/definitions.hpp"

namespace edda::wiring {
namespace {

kafka::ConnectionSettings connection_settings(const config::Config& config) {
  const auto& from = config.kafka;
  kafka::ConnectionSettings settings;
  settings.brokers = from.brokers;
  settings.client_id = from.client_id;
  settings.tls = from.protocol.ends_with("ssl");
  settings.ca_file = from.ca_file;
  if (from.protocol.starts_with("sasl")) settings.sasl_mechanism = from.sasl_mechanism;
  settings.user = from.user;
  settings.password = from.password.reveal();
  return settings;
}

std::int16_t replication(const config::Config& config) {
  return config.kafka.replication > 0 ? static_cast<std::int16_t>(config.kafka.replication) : std::int16_t{-1};
}

}  // namespace

struct Transports::Kafka {
  Kafka(Foundation& base, Storage& storage)
      : sink({.connection = connection_settings(base.config()), .replication = replication(base.config()), .traced = base.traces != nullptr}, storage.events, base.log) {
    if (base.config().steps.payment_processing != "kafka") return;
    steps.emplace(base.io.get_executor(),
                  kafka::StepSettings{.connection = connection_settings(base.config()), .replication = replication(base.config())},
                  storage.events.info().shards, kafka::KafkaStepExecutor::Ports{base.clock, base.random, base.log});
  }

  kafka::KafkaEventSink sink;
  std::optional<kafka::KafkaStepExecutor> steps;
};

Transports::Transports(Foundation& base, Storage& storage) {
  if (!base.config().kafka.brokers.empty() && base.options.serve) kafka_ = std::make_unique<Kafka>(base, storage);
}

Transports::~Transports() = default;

EventSink* Transports::sink() const { return kafka_ ? &kafka_->sink : nullptr; }

StepExecutor* Transports::workers() const { return kafka_ && kafka_->steps ? &*kafka_->steps : nullptr; }

std::set<std::string> Transports::steps_of_workers() const {
  if (workers() == nullptr) return {};
  return {std::string(saga::payment_processing)};
}

void Transports::on_late(const OnLate& listener) {
  if (!kafka_ || !kafka_->steps) return;
  kafka_->steps->on_late([listener](const kafka::StepResult& late) {
    listener(late.order, {late.saga, late.step, late.direction, late.attempt, late.answer.outcome, late.answer.reason,
                          late.answer.reference, true});
  });
}

void Transports::stop() {
  if (kafka_ && kafka_->steps) kafka_->steps->stop();
}

http::Component Transports::health() const {
  using Status = http::Component::Status;
  if (!kafka_) return {"kafka", Status::not_configured, {}};
  if (kafka_->sink.stats().connected) return {"kafka", Status::up, {}};
  return {"kafka", Status::degraded, "is not reached; orders go on, the feed waits"};
}

}  // namespace edda::wiring
