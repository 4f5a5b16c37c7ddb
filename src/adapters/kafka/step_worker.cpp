#include "kafka/step_worker.hpp"

#include <boost/asio/post.hpp>

#include "kafka/answer_slot.hpp"

namespace edda::kafka {
namespace {

constexpr milliseconds result_timeout{10'000};

ProducerSettings producer_settings(const WorkerSettings& settings) {
  ProducerSettings producer;
  producer.connection = settings.connection;
  producer.ordered = false;
  producer.message_timeout = result_timeout;
  return producer;
}

}  // namespace

bool StepWorker::Gate::enter() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [this] { return closed_ || places_ > 0; });
  if (closed_) return false;
  --places_;
  return true;
}

void StepWorker::Gate::leave() {
  const std::lock_guard lock(mutex_);
  ++places_;
  wake_.notify_one();
}

void StepWorker::Gate::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  wake_.notify_all();
}

StepWorker::StepWorker(boost::asio::any_io_executor executor, WorkerSettings settings, StepExecutor& steps, Clock& clock, Log& log)
    : executor_(executor),
      settings_(std::move(settings)),
      steps_(steps),
      clock_(clock),
      log_(log),
      gate_(settings_.at_once),
      tasks_(executor),
      producer_(producer_settings(settings_), log) {
  ConsumerSettings consumer{settings_.connection, std::string(steps_topic), settings_.group, 0};
  consumer_ = std::make_unique<Consumer>(std::move(consumer), log, [this](Consumer::Received received) {
    if (!gate_.enter()) return;
    boost::asio::post(executor_, [this, received = std::move(received)] { take(received); });
  });
}

StepWorker::~StepWorker() {
  gate_.close();
  consumer_.reset();
}

void StepWorker::take(const Consumer::Received& received) {
  auto message = parse_step(received.value);
  if (!message) {
    if (unreadable_++ == 0) log_.write(LogLevel::warn, "a message on saga-steps is no step; it is dropped", {{"error", message.error().message}});
    return gate_.leave();
  }
  message->request.trace = received.trace;
  if (!tasks_.spawn(perform(received.partition, *std::move(message)))) gate_.leave();
}

Task<void> StepWorker::perform(std::int32_t partition, StepMessage message) {
  GatewayAnswer answer = co_await steps_.perform(message.request, clock_.deadline_in(settings_.step_timeout));
  ++performed_;
  const auto sent = std::make_shared<AnswerSlot<Result<void>>>();
  producer_.send({Message{std::string(results_topic), partition, message.request.key, to_json(result_of(message, std::move(answer))),
                          headers_of(message.request.trace)}},
                 [sent](Result<void> result) { sent->answer(std::move(result)); });
  // One that does not arrive is asked for again under the step's key.
  static_cast<void>(co_await sent->wait(clock_.deadline_in(result_timeout)));
  gate_.leave();
}

Task<void> StepWorker::stop() {
  gate_.close();
  consumer_.reset();
  co_await tasks_.join();
}

}  // namespace edda::kafka
