#include "cluster/nemesis.hpp"

#include <algorithm>
#include <array>

namespace edda::sim {
namespace {

using namespace std::chrono_literals;

// A node's lease, beyond which a pause loses its shards (owner/shard_keeper.hpp).
constexpr Duration node_lease = 1'500ms;

constexpr std::array<Fault, service_count> cut_faults{Fault::store_cut, Fault::ownership_cut, Fault::gateway_cut, Fault::feed_cut,
                                                      Fault::steps_cut};

}  // namespace

Duration Nemesis::draw(Duration shortest, Duration longest) {
  return around_.kernel.draws.delay(Stream::faults, shortest, longest);
}

Node& Nemesis::any_node() { return *nodes_[around_.kernel.draws.below(Stream::faults, nodes_.size())]; }

void Nemesis::plan_some(int count, std::string_view kind, void (Nemesis::*strike)()) {
  auto& scheduler = around_.kernel.scheduler;
  for (int i = 0; i < count; ++i) {
    // Evenly over the phase: delays prefer the start.
    const auto second = around_.kernel.draws.below(Stream::faults, static_cast<std::uint64_t>(plan_.safety / 1ms));
    scheduler.after(scheduler.world(), std::chrono::milliseconds(second), kind, [this, strike] {
      if (!healed_) (this->*strike)();
    });
  }
}

void Nemesis::start() {
  plan_some(plan_.crashes, "nemesis", &Nemesis::crash);
  plan_some(plan_.pauses, "nemesis", &Nemesis::pause);
  plan_some(plan_.slowings, "nemesis", &Nemesis::slow);
  plan_some(plan_.store_restarts, "nemesis", &Nemesis::restart_store);
  plan_some(plan_.gateway_outages, "nemesis", &Nemesis::gateway_down);
  plan_some(plan_.feed_outages, "nemesis", &Nemesis::feed_down);
  plan_some(plan_.cuts, "nemesis", &Nemesis::cut);
  for (int i = 0; i < plan_.old_nodes; ++i) nodes_[static_cast<std::size_t>(i)]->install(1);
  if (plan_.old_nodes > 0) plan_some(1, "nemesis", &Nemesis::raise_feature_level);
  plan_some(plan_.blackouts, "nemesis", &Nemesis::blackout);
}

ClockFault Nemesis::draw_clocks() {
  if (!plan_.skewed_clocks || healed_) return {};
  auto& draws = around_.kernel.draws;
  if (draws.below(Stream::nodes, 2) == 0) return {};
  around_.kernel.injected(Fault::clock_skew, around_.kernel.scheduler.world());
  const bool behind = draws.below(Stream::nodes, 2) == 1;
  // Beyond two seconds a node may own nothing; below that its wrong clock must do no harm.
  const auto skew = draws.below(Stream::nodes, 4) == 3 ? draws.delay(Stream::nodes, 2s, 5min) : draws.delay(Stream::nodes, 0ms, 1'900ms);
  const auto drift = static_cast<std::int64_t>(draws.below(Stream::nodes, 401)) - 200;
  return {behind ? -skew : skew, drift};
}

void Nemesis::start_later(Node& node, Duration after) {
  auto& scheduler = around_.kernel.scheduler;
  scheduler.after(scheduler.world(), after, "restart", [this, &node] {
    const bool dark = around_.kernel.scheduler.now() < dark_until_;
    if (!healed_ && !dark && node.life() == nullptr) node.start(draw_clocks());
  });
}

void Nemesis::crash() {
  Node& node = any_node();
  const Duration down = draw(10ms, 20s);
  if (node.life() == nullptr) return;
  around_.kernel.injected(Fault::node_crash, node.life()->actor());
  node.crash();
  start_later(node, down);
}

void Nemesis::pause() {
  Node& node = any_node();
  const Duration span = draw(100ms, 30s);
  if (node.life() == nullptr || node.life()->actor().is_paused()) return;
  auto& kernel = around_.kernel;
  Actor& actor = node.life()->actor();
  kernel.injected(Fault::node_pause, actor);
  if (span > node_lease) kernel.saw(Sometimes::pause_beyond_lease);
  kernel.scheduler.pause(actor);
  kernel.scheduler.after(kernel.scheduler.world(), span, "resume", [&kernel, &actor] { kernel.scheduler.resume(actor); });
}

void Nemesis::slow() {
  Node& node = any_node();
  const int slowness = 2 + static_cast<int>(around_.kernel.draws.below(Stream::faults, 50));
  const Duration span = draw(1s, 30s);
  if (node.life() == nullptr) return;
  auto& kernel = around_.kernel;
  Actor& actor = node.life()->actor();
  kernel.injected(Fault::node_slow, actor);
  kernel.scheduler.set_slowness(actor, slowness);
  kernel.scheduler.after(kernel.scheduler.world(), span, "quick again", [&kernel, &actor] { kernel.scheduler.set_slowness(actor, 1); });
}

void Nemesis::restart_store() {
  auto& kernel = around_.kernel;
  const bool fails_over = kernel.draws.below(Stream::faults, 2) == 1;
  const Duration down = draw(50ms, 6s);
  kernel.injected(Fault::store_failover, kernel.scheduler.world());
  if (!fails_over) return around_.store.restart(down);
  // Where commits were dropped, nodes hold orders that the log no longer knows: they see the other generation by themselves.
  if (around_.store.fail_over(down) > 0) around_.gateway.senders_forgot();
}

void Nemesis::gateway_down() {
  around_.kernel.injected(Fault::gateway_down, around_.kernel.scheduler.world());
  around_.gateway.go_down(around_.kernel.scheduler.now() + draw(500ms, 60s));
}

void Nemesis::feed_down() {
  around_.kernel.injected(Fault::feed_down, around_.kernel.scheduler.world());
  around_.feed.go_down(around_.kernel.scheduler.now() + draw(500ms, 60s));
}

void Nemesis::cut() {
  auto& kernel = around_.kernel;
  Node& node = any_node();
  const auto service = static_cast<Service>(kernel.draws.below(Stream::faults, service_count));
  const Cut way = kernel.draws.below(Stream::faults, 2) == 0 ? Cut::requests : Cut::answers;
  const Duration span = draw(100ms, 60s);
  Links& links = node.links();
  if (links.state(service) != Cut::none) return;
  kernel.injected(cut_faults[static_cast<std::size_t>(service)], kernel.scheduler.world(), node.name());
  links.set(service, way);
  kernel.scheduler.after(kernel.scheduler.world(), span, "link whole", [&links, service] { links.set(service, Cut::none); });
}

/// Too early: some nodes are to be upgraded yet.
void Nemesis::raise_feature_level() {
  around_.store.raise_feature_level();
  for (const auto& node : nodes_)
    if (node->is_outdated()) upgrade(*node, draw(1s, 40s));
}

/// An orderly stop, and the present release in its place.
void Nemesis::upgrade(Node& node, Duration after) {
  auto& scheduler = around_.kernel.scheduler;
  scheduler.after(scheduler.world(), after, "upgrade", [this, &node] {
    if (healed_ || node.life() == nullptr || !node.is_outdated()) return;
    node.stop();
    start_later(node, draw(100ms, 5s));
  });
}

/// Everybody is away for most of a day: long enough for the gateway to forget keys.
void Nemesis::blackout() {
  const Duration down = 6h + std::chrono::seconds(around_.kernel.draws.below(Stream::faults, 34 * 3'600));
  dark_until_ = around_.kernel.scheduler.now() + down;
  for (const auto& node : nodes_) {
    if (node->life() == nullptr) continue;
    around_.kernel.injected(Fault::node_crash, node->life()->actor(), "blackout");
    node->crash();
    start_later(*node, down + draw(0s, 5s));
  }
}

void Nemesis::heal() {
  healed_ = true;
  auto& kernel = around_.kernel;
  kernel.lift_faults();
  around_.store.raise_feature_level();
  around_.gateway.come_back();
  around_.feed.come_back();
  const auto lost = nodes_.size() > 1 ? kernel.draws.below(Stream::faults, nodes_.size()) : nodes_.size();
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    Node& node = *nodes_[i];
    node.links().heal();
    node.resume();
    if (i == lost) {
      node.crash();
      continue;
    }
    if (node.is_outdated()) node.stop();
    if (Life* life = node.life()) {
      kernel.scheduler.set_slowness(life->actor(), 1);
      life->clock().correct();
    } else {
      node.start({});
    }
  }
}

}  // namespace edda::sim
