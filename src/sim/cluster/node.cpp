#include "cluster/node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace edda::sim {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

/// Operators' acts are looked for in the log.
Task<Result<void>> no_audit(accounts::Actor, std::string, std::string, std::string, Deadline) { co_return Result<void>{}; }

}  // namespace

void TakeOverWatch::take(ShardId shard, const TakeOver& taken) {
  if (!taken.live.empty()) kernel_.saw(Sometimes::take_over_in_mid_step);
  kernel_.note(node_, "takes", [&] {
    return fmt::format("shard {} under epoch {}, {} sagas live", shard.value, taken.epoch.value, taken.live.size());
  });
}

void TakeOverWatch::drop(ShardId shard) {
  kernel_.note(node_, "drops", [&] { return fmt::format("shard {}", shard.value); });
}

Life::Life(Surroundings around, Actor& actor, std::string node, const Links& links, int knows, ClockFault clocks, std::uint32_t random)
    : around_(around),
      actor_(actor),
      clock_(around.kernel, actor, clocks),
      random_(random, actor.number()),
      log_(around.kernel, actor),
      store_(around.store, actor, clock_, links, knows),
      gateway_(around.gateway, actor, clock_, links),
      feed_(around.feed, actor, clock_, links),
      gateway_steps_(gateway_, &clock_),
      stock_steps_(store_),
      steps_(gateway_steps_, stock_steps_),
      transport_(around.kernel, actor, clock_, steps_, links),
      epochs_(store_.info().shards),
      dispatcher_(around.kernel.executor(actor), store_, transport_, epochs_, clock_, random_, log_, {.node = node, .poll = 100ms}),
      publisher_(around.kernel.executor(actor), store_, store_, feed_, clock_, log_, {}),
      take_overs_(around.kernel, actor),
      keeper_(around.kernel.executor(actor), store_, store_, clock_, log_, {&dispatcher_, &publisher_, &take_overs_},
              {.node = node, .incarnation = random_.uuid_v7(clock_.now())}),
      lane_(around.kernel.executor(actor), store_, epochs_, clock_, random_, {.node = node},
            [this](std::shared_ptr<const std::vector<lanes::CommittedTurn>> turns) {
              publisher_.on_commit(turns);
              tracked_.on_commit(*turns);
              dispatcher_.on_commit(std::move(turns));
            }),
      product_watch_(around.kernel.executor(actor), tracked_, store_, clock_),
      products_(lane_, store_),
      orders_(lane_, store_, clock_, random_, [this] { return dispatcher_.keeps_up(); }, &tracked_, around.policy),
      operators_({lane_, store_, no_audit, clock_, random_, log_}),
      answers_({dispatcher_, store_, store_, log_}) {
  dispatcher_.connect(lane_);
  stock_steps_.connect(lane_);
  dispatcher_.on_lost([this](ShardId shard, Epoch epoch, owner::ShardLoss why) {
    if (why == owner::ShardLoss::log_cut) around_.kernel.saw(Sometimes::other_log_met);
    keeper_.lost(shard, epoch, why);
  });
  publisher_.on_lost([this](ShardId shard, Epoch epoch, owner::ShardLoss why) { keeper_.lost(shard, epoch, why); });
  dispatcher_.on_ends([this](const std::vector<Position>& ends) { publisher_.notice(ends); });
  transport_.on_late([this](const StepRequest& request, const GatewayAnswer& answer) { bring_late(request, answer); });
}

void Life::bring_late(const StepRequest& request, const GatewayAnswer& answer) {
  around_.kernel.saw(Sometimes::duplicate_absorbed);
  turn::AnswerStep step{request.saga, request.step, request.direction, request.attempt, answer.outcome, answer.reason, answer.reference, true};
  asio::co_spawn(around_.kernel.executor(actor_), deliver(request.order, std::move(step)), asio::detached);
}

Task<void> Life::deliver(OrderId order, turn::AnswerStep answer) {
  const Visit visit(*this);
  static_cast<void>(co_await dispatcher_.deliver(order, std::move(answer)));
}

void Life::start() {
  keeper_.start();
  product_watch_.start();
}

void Life::stop() {
  if (stopping_) return;
  stopping_ = true;
  asio::co_spawn(around_.kernel.executor(actor_), wind_up(), asio::detached);
}

void Life::crash() {
  actor_.cut();
  stop();
}

Task<void> Life::wind_up() {
  co_await product_watch_.stop();
  co_await keeper_.stop();
  if (dispatcher_.stats().gap_events > 0) around_.kernel.saw(Sometimes::foreign_turn_tailed);
  if (dispatcher_.stats().closed > 0) around_.kernel.saw(Sometimes::newer_release_met);
  if (keeper_.stats().lapses > 0) around_.kernel.saw(Sometimes::lease_lapsed);
  co_await publisher_.stop();
  co_await dispatcher_.stop();
  co_await lane_.stop();
  while (visits_ > 0 || transport_.under_way() > 0) co_await clock_.sleep_until(clock_.steady_now() + 500ms);
  ended_ = true;
}

void Node::start(ClockFault clocks) {
  bury();
  if (life_) past_.push_back(std::move(life_));
  auto& kernel = around_.kernel;
  knows_ = std::max(knows_, around_.store.data().feature_level);
  Actor& actor = kernel.scheduler.make_actor(fmt::format("{}.{}", name_, ++lives_));
  life_ = std::make_unique<Life>(around_, actor, name_, links_, knows_, clocks, kernel.draws.below(Stream::nodes, std::uint64_t{1} << 32));
  life_->start();
  kernel.note(actor, "start", [] { return std::string(); });
}

void Node::crash() {
  if (!life_ || life_->has_ended()) return;
  around_.kernel.note(life_->actor(), "crash", [] { return std::string(); });
  life_->crash();
}

void Node::stop() {
  if (life_) life_->stop();
}

bool Node::is_quiet() const {
  return (!life_ || life_->has_ended()) && std::ranges::all_of(past_, [](const auto& life) { return life->has_ended(); });
}

bool Node::has_past() const {
  return !std::ranges::all_of(past_, [](const auto& life) { return life->has_ended(); });
}

void Node::resume() {
  for (const auto& life : past_) around_.kernel.scheduler.resume(life->actor());
  if (life_) around_.kernel.scheduler.resume(life_->actor());
}

void Node::bury() {
  std::erase_if(past_, [](const auto& life) { return life->has_ended(); });
}

}  // namespace edda::sim
