#include "cluster/webhooks.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace edda::sim {
namespace {

using namespace std::chrono_literals;

constexpr Duration webhook_patience = 10s;
constexpr Duration again_after = 5s;

}  // namespace

void Webhooks::start() {
  around_.gateway.on_effect = [this](const GatewayEffect& effect) {
    auto& draws = around_.kernel.draws;
    const owner::ToldAnswer told{"event-" + effect.reference, effect.key, saga::Outcome::succeeded, effect.reference, {}, effect.amount};
    const bool twice = draws.below(Stream::gateway, 3) == 2;
    for (int copy = 0; copy < (twice ? 2 : 1); ++copy) {
      ++under_way_;
      tell_later(told, draws.delay(Stream::gateway, 10ms, 30s));
    }
  };
}

void Webhooks::tell_later(owner::ToldAnswer told, Duration after) {
  auto& scheduler = around_.kernel.scheduler;
  scheduler.after(scheduler.world(), after, "webhook", [this, told = std::move(told)]() mutable { tell(std::move(told)); });
}

void Webhooks::tell(owner::ToldAnswer told) {
  auto& kernel = around_.kernel;
  Life* life = nodes_[kernel.draws.below(Stream::gateway, nodes_.size())]->life();
  if (life == nullptr) return tell_later(std::move(told), again_after);
  auto settled = std::make_shared<bool>(false);
  // No answer in time counts as none; the copy that was under way may arrive all the same.
  kernel.scheduler.after(kernel.scheduler.world(), webhook_patience, "patience", [this, told, settled]() mutable {
    if (std::exchange(*settled, true)) return;
    tell_later(std::move(told), again_after);
  });
  boost::asio::co_spawn(kernel.executor(life->actor()), deliver(*this, *life, std::move(told), std::move(settled)), boost::asio::detached);
}

Task<void> Webhooks::deliver(Webhooks& self, Life& life, owner::ToldAnswer told, std::shared_ptr<bool> settled) {
  const Life::Visit visit(life);
  const auto delivered = co_await life.answers().deliver(told, life.clock().deadline_in(5s));
  if (life.actor().is_cut() || std::exchange(*settled, true)) co_return;
  if (!delivered) {
    self.tell_later(std::move(told), again_after);
    co_return;
  }
  --self.under_way_;
  auto& kernel = self.around_.kernel;
  if (*delivered == owner::Delivery::no_news || *delivered == owner::Delivery::doubled) kernel.saw(Sometimes::duplicate_absorbed);
  kernel.note(life.actor(), "webhook", [&] { return told.key + " " + std::string(to_string(*delivered)); });
}

}  // namespace edda::sim
