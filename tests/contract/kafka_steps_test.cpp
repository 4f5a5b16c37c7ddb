// Steps over a real broker: KafkaStepExecutor on one side, StepWorker on the other.
#include <fmt/format.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <future>
#include <thread>

#include "kafka/step_executor.hpp"
#include "kafka/step_worker.hpp"
#include "support/kafka_server.hpp"
#include "support/quiet_log.hpp"
#include "system/clock.hpp"
#include "system/random.hpp"

namespace edda::kafka {
namespace {

using namespace std::chrono_literals;
using saga::Outcome;
using testing_support::KafkaServer;
using testing_support::read_partition;

constexpr std::uint16_t shards = 4;

/// Does what it is told to, and remembers the attempts.
class ScriptedSteps final : public StepExecutor {
 public:
  Task<GatewayAnswer> perform(StepRequest request, Deadline) override {
    asked.push_back(request.key);
    traces.push_back(request.trace);
    co_return answer;
  }
  std::vector<std::string> asked;
  std::vector<TraceContext> traces;
  GatewayAnswer answer{Outcome::succeeded, "ext_1", {}};
};

class ContractKafkaSteps : public testing::Test {
 protected:
  template <class Work>
  auto on_thread(Work work) {
    return boost::asio::post(context_, boost::asio::use_future(std::move(work))).get();
  }

  ContractKafkaSteps() {
    on_thread([this] {
      executor_.emplace(context_.get_executor(), StepSettings{connection(), 1}, shards, KafkaStepExecutor::Ports{clock_, random_, log_});
      executor_->on_late([this](const StepResult& result) { late_.push_back(result); });
    });
  }
  ~ContractKafkaSteps() override {
    server_.start();
    stop_worker();
    on_thread([this] { executor_.reset(); });
    work_.reset();
    thread_.join();
  }

  ConnectionSettings connection() const { return server_.connection(prefix_); }

  void start_worker() {
    WorkerSettings settings;
    settings.connection = connection();
    on_thread([&] { worker_ = std::make_unique<StepWorker>(context_.get_executor(), settings, steps_, clock_, log_); });
  }
  void stop_worker() {
    if (!worker_) return;
    boost::asio::co_spawn(context_, worker_->stop(), boost::asio::use_future).get();
    on_thread([this] { worker_.reset(); });
  }

  StepRequest request(std::uint8_t shard = 1) {
    StepRequest request;
    request.saga = SagaId{random_.uuid_v7(clock_.now(), shard)};
    request.order = OrderId{random_.uuid_v7(clock_.now(), shard)};
    request.step = "payment_processing";
    request.key = fmt::format("{}/payment_processing/forward", to_string(request.saga));
    request.amount = Money{1999};
    request.product_ids = {"book"};
    return request;
  }
  GatewayAnswer perform(StepRequest request, milliseconds patience) {
    const Deadline deadline = clock_.deadline_in(patience);
    return boost::asio::co_spawn(context_, executor_->perform(std::move(request), deadline), boost::asio::use_future).get();
  }
  /// As the owner does: again under the same key. A worker that has just started may not have its partitions yet.
  GatewayAnswer perform_at_last(const StepRequest& request) {
    GatewayAnswer answer;
    for (int tries = 0; tries < 30 && answer.outcome == Outcome::unknown; ++tries) answer = perform(request, 2s);
    return answer;
  }
  KafkaStepExecutor::Stats stats() {
    return on_thread([this] { return executor_->stats(); });
  }
  /// What happens at a real broker tells nobody here: it is looked for.
  template <class Condition>
  bool becomes_true(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (std::chrono::steady_clock::now() < end) {
      if (on_thread(condition)) return true;
      std::this_thread::sleep_for(20ms);
    }
    return false;
  }
  /// Puts a message onto a topic, as any program could.
  void put(std::string_view topic, std::int32_t partition, std::string value) {
    ProducerSettings settings;
    settings.connection = connection();
    settings.ordered = false;
    settings.message_timeout = 10s;
    std::promise<bool> done;
    Producer producer(settings, log_);
    producer.send({Message{std::string(topic), partition, "key", std::move(value)}},
                  [&](const Result<void>& sent) { done.set_value(sent.has_value()); });
    ASSERT_TRUE(done.get_future().get());
  }

  KafkaServer& server_ = KafkaServer::shared();
  const std::string prefix_ = [] {
    static std::atomic<int> count{0};
    return fmt::format("steps-{}.", ++count);
  }();
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_ = boost::asio::make_work_guard(context_);
  std::thread thread_{[this] { context_.run(); }};
  system::SystemClock clock_;
  system::SystemRandom random_;
  testing_support::QuietLog log_;
  ScriptedSteps steps_;
  std::vector<StepResult> late_;
  std::optional<KafkaStepExecutor> executor_;
  std::unique_ptr<StepWorker> worker_;
};

TEST_F(ContractKafkaSteps, BringAStepToAWorkerAndItsAnswerBack) {
  start_worker();
  const auto first = perform_at_last(request(1));
  EXPECT_EQ(first.outcome, Outcome::succeeded);
  EXPECT_EQ(first.reference, "ext_1");
  on_thread([this] { steps_.answer = {Outcome::declined, {}, "no money"}; });
  const auto second = perform_at_last(request(2));
  EXPECT_EQ(second.outcome, Outcome::declined);
  EXPECT_EQ(second.reason, "no money");
  EXPECT_EQ(stats().answers, 2U);
}

TEST_F(ContractKafkaSteps, TravelInThePartitionOfTheirShard) {
  start_worker();
  const auto sent = request(3);
  ASSERT_EQ(perform_at_last(sent).outcome, Outcome::succeeded);
  for (const auto topic : {steps_topic, results_topic}) {
    EXPECT_FALSE(read_partition(connection(), std::string(topic), 3).empty()) << topic;
    EXPECT_TRUE(read_partition(connection(), std::string(topic), 1).empty()) << topic;
  }
  EXPECT_EQ(read_partition(connection(), std::string(results_topic), 3).front().key, sent.key);
}

TEST_F(ContractKafkaSteps, CarryTheirTraceThereAndBack) {
  start_worker();
  auto sent = request(3);
  sent.trace = {{0xAB}, {0x01}, true};
  ASSERT_EQ(perform_at_last(sent).outcome, Outcome::succeeded);
  EXPECT_EQ(on_thread([this] { return steps_.traces.back(); }), sent.trace);
  for (const auto topic : {steps_topic, results_topic})
    EXPECT_EQ(read_partition(connection(), std::string(topic), 3).front().headers.at("traceparent"), to_traceparent(sent.trace)) << topic;
  ASSERT_EQ(perform_at_last(request(2)).outcome, Outcome::succeeded);
  EXPECT_FALSE(on_thread([this] { return steps_.traces.back().exists(); }));
  EXPECT_FALSE(read_partition(connection(), std::string(steps_topic), 2).front().headers.contains("traceparent"));
}

TEST_F(ContractKafkaSteps, TakeAFailureForNoAnswer) {
  start_worker();
  ASSERT_EQ(perform_at_last(request()).outcome, Outcome::succeeded);
  on_thread([this] { steps_.answer = {Outcome::failed, {}, "surely not done"}; });
  // Of a doubled message one copy may have failed while the other is still under way (R14).
  EXPECT_EQ(perform(request(), 2s).outcome, Outcome::unknown);
  EXPECT_TRUE(becomes_true([this] { return executor_->stats().not_final > 0; }));
  EXPECT_TRUE(on_thread([this] { return late_.empty(); }));
}

TEST_F(ContractKafkaSteps, HaveNoAnswerWhereThereIsNoWorker) {
  EXPECT_EQ(perform(request(), 1s).outcome, Outcome::unknown);
}

TEST_F(ContractKafkaSteps, BringALateAnswerAndADoubleToWhoeverListens) {
  const auto sent = request(2);
  EXPECT_EQ(perform(sent, 3s).outcome, Outcome::unknown);
  ASSERT_TRUE(becomes_true([this] { return executor_->stats().sends > 0; }));
  const std::string result = to_json(result_of({"send-1", sent}, {Outcome::succeeded, "ext_late", {}}));
  put(results_topic, 2, result);
  put(results_topic, 2, result);
  ASSERT_TRUE(becomes_true([this] { return late_.size() == 2; }));
  EXPECT_EQ(late_[0].saga, sent.saga);
  EXPECT_EQ(late_[0].order, sent.order);
  EXPECT_EQ(late_[0].step, sent.step);
  EXPECT_EQ(late_[0].answer.reference, "ext_late");
}

TEST_F(ContractKafkaSteps, DropWhatIsNoMessageOfTheirsAndGoOn) {
  start_worker();
  ASSERT_EQ(perform_at_last(request()).outcome, Outcome::succeeded);
  put(steps_topic, 1, "no JSON");
  put(results_topic, 1, "{}");
  EXPECT_EQ(perform_at_last(request()).outcome, Outcome::succeeded);
  EXPECT_TRUE(becomes_true([this] { return executor_->stats().unreadable == 1 && worker_->unreadable() == 1; }));
}

TEST_F(ContractKafkaSteps, AreUnansweredWhileTheBrokerIsAwayAndAnsweredAfterwards) {
  start_worker();
  ASSERT_EQ(perform_at_last(request()).outcome, Outcome::succeeded);
  server_.kill();
  EXPECT_EQ(perform(request(), 500ms).outcome, Outcome::unknown);
  server_.start();
  EXPECT_EQ(perform_at_last(request()).outcome, Outcome::succeeded);
}

TEST_F(ContractKafkaSteps, EndAtBothEndsWhileTheBrokerIsAway) {
  start_worker();
  ASSERT_EQ(perform_at_last(request()).outcome, Outcome::succeeded);
  server_.kill();
  auto unanswered = boost::asio::co_spawn(context_, executor_->perform(request(), clock_.deadline_in(60s)), boost::asio::use_future);
  ASSERT_TRUE(becomes_true([this] { return executor_->stats().sends >= 2; }));
  on_thread([this] { executor_->stop(); });
  EXPECT_EQ(unanswered.get().outcome, Outcome::unknown);
  stop_worker();
}

TEST_F(ContractKafkaSteps, AreNotPerformedByAWorkerThatStartsLater) {
  EXPECT_EQ(perform(request(), 3s).outcome, Outcome::unknown);
  start_worker();
  // A message from before is passed over (R12); only what the owner sends again is done.
  const auto second = request();
  ASSERT_EQ(perform_at_last(second).outcome, Outcome::succeeded);
  for (const auto& key : on_thread([this] { return steps_.asked; })) EXPECT_EQ(key, second.key);
}

}  // namespace
}  // namespace edda::kafka
