#include "kafka/step_executor.hpp"

#include <boost/asio/post.hpp>

#include "kafka/answer_slot.hpp"

namespace edda::kafka {
namespace {

using saga::Outcome;
constexpr milliseconds look_again{50};

ProducerSettings producer_settings(const StepSettings& settings, int shards) {
  ProducerSettings producer;
  producer.connection = settings.connection;
  producer.topics = {{std::string(steps_topic), shards, settings.retention}, {std::string(results_topic), shards, settings.retention}};
  producer.replication = settings.replication;
  producer.ordered = false;
  producer.message_timeout = settings.message_timeout;
  producer.waiting_max = settings.waiting_max;
  return producer;
}

GatewayAnswer no_answer(std::string_view why) { return {Outcome::unknown, {}, std::string(why)}; }

bool is_final(Outcome outcome) { return outcome == Outcome::succeeded || outcome == Outcome::declined; }

}  // namespace

/// Of the executor's thread alone; messages on their way to it hold it too.
struct KafkaStepExecutor::Shared {
  using Slot = AnswerSlot<GatewayAnswer>;

  void take(const std::string& value) {
    auto result = parse_result(value);
    if (!result) {
      ++stats.unreadable;
      return;
    }
    if (!is_final(result->answer.outcome)) {
      ++stats.not_final;
      return;
    }
    // It holds for the key, whichever send it is said of.
    if (const auto found = waiting.find(result->key); found != waiting.end()) {
      ++stats.answers;
      found->second->answer(std::move(result->answer));
      return;
    }
    ++stats.late;
    if (on_late) on_late(*result);
  }

  bool reading = false;
  std::map<std::string, std::shared_ptr<Slot>> waiting;  ///< by key
  OnLate on_late;
  bool stopped = false;
  Stats stats;
};

KafkaStepExecutor::KafkaStepExecutor(boost::asio::any_io_executor executor, StepSettings settings, std::uint16_t shards, Ports ports)
    : shard_count_(shards), ports_(ports), shared_(std::make_shared<Shared>()) {
  producer_ = std::make_unique<Producer>(producer_settings(settings, shards), ports.log);
  ConsumerSettings consumer{settings.connection, std::string(results_topic), {}, shards};
  consumer_ = std::make_unique<Consumer>(
      std::move(consumer), ports.log,
      [executor, shared = shared_](Consumer::Received message) {
        boost::asio::post(executor, [shared, value = std::move(message.value)] { shared->take(value); });
      },
      [executor, shared = shared_] { boost::asio::post(executor, [shared] { shared->reading = true; }); });
}

KafkaStepExecutor::~KafkaStepExecutor() { stop(); }

void KafkaStepExecutor::on_late(OnLate listener) { shared_->on_late = std::move(listener); }

Task<GatewayAnswer> KafkaStepExecutor::perform(StepRequest request, Deadline deadline) {
  const auto shared = shared_;
  // A step whose answer nobody could read is better sent later.
  while (!shared->reading && !shared->stopped && ports_.clock.steady_now() < deadline.at)
    co_await ports_.clock.sleep_until(std::min(ports_.clock.steady_now() + look_again, deadline.at));
  if (!shared->reading || shared->stopped) co_return no_answer("Kafka is away: the step was not sent");
  const std::string key = request.key;
  const auto slot = std::make_shared<Shared::Slot>();
  shared->waiting[key] = slot;
  ++shared->stats.sends;
  const auto shard = shard_of(request.order.value, shard_count_);
  const StepMessage message{to_string(ports_.random.uuid_v7(ports_.clock.now())), std::move(request)};
  producer_->send({Message{std::string(steps_topic), shard.value, key, to_json(message), headers_of(message.request.trace)}}, [slot](const Result<void>& sent) {
    if (!sent) slot->answer(no_answer("the step was perhaps not sent: " + sent.error().message));
  });
  const auto answer = co_await slot->wait(deadline);
  if (const auto found = shared->waiting.find(key); found != shared->waiting.end() && found->second == slot) shared->waiting.erase(found);
  co_return answer.value_or(no_answer("no worker answered in time"));
}

void KafkaStepExecutor::stop() {
  shared_->stopped = true;
  consumer_.reset();
  producer_.reset();
  for (const auto& [key, slot] : shared_->waiting) slot->answer(no_answer("this node stops"));
}

KafkaStepExecutor::Stats KafkaStepExecutor::stats() const { return shared_->stats; }

}  // namespace edda::kafka
