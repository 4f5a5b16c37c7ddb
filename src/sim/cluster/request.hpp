#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <functional>
#include <utility>

#include "cluster/node.hpp"

namespace edda::sim {

/// What a node does for somebody who asks it.
template <class T>
using Operation = std::function<Task<Result<T>>(Life&, Deadline)>;

/// A client that hears nothing waits this long, asks again under its key this often, then leaves it.
inline constexpr Duration patience_of_clients = std::chrono::seconds(8);
inline constexpr int asks_max = 12;

/// The domain's no, another's claim, or another's change: for good. All else may be tried again.
inline bool is_final(const Error& error) {
  return error.code == Errc::rejected || error.code == Errc::already_exists || error.code == Errc::not_found ||
         error.code == Errc::invalid_argument || error.code == Errc::version_conflict || error.code == Errc::internal ||
         error.code == Errc::corrupt;
}

template <class T>
Task<void> serve(Kernel& kernel, Life& life, Operation<T> operation, Answer<Result<T>> answer) {
  const Life::Visit visit(life);
  auto result = co_await operation(life, life.clock().deadline_in(std::chrono::seconds(5)));
  if (life.actor().is_cut()) co_return;
  if (kernel.strikes(Fault::client_unheard, Stream::network)) co_return;
  const Duration back = kernel.draws.delay(Stream::network, std::chrono::microseconds(200), std::chrono::milliseconds(20));
  kernel.scheduler.after(kernel.scheduler.world(), back, "response",
                         [answer, result = std::move(result)]() mutable { answer.give(std::move(result)); });
}

/// One request of `asker` to one node, as a network has it.
template <class T>
Task<Result<T>> request(Kernel& kernel, Actor& asker, Node& node, const Operation<T>& operation) {
  auto& scheduler = kernel.scheduler;
  co_return co_await ask<Result<T>>(asker, fail(Errc::cancelled, "the client left"), [&](Answer<Result<T>> answer) {
    Actor& world = scheduler.world();
    scheduler.after(world, patience_of_clients, "patience", [answer] { answer.give(fail(Errc::outcome_unknown, "no answer")); });
    const Duration there = kernel.draws.delay(Stream::network, std::chrono::microseconds(200), std::chrono::milliseconds(20));
    scheduler.after(world, there, "request", [&kernel, &node, operation, answer] {
      Life* life = node.life();
      if (life == nullptr) return answer.give(fail(Errc::unavailable, "connection refused"));
      boost::asio::co_spawn(kernel.executor(life->actor()), serve<T>(kernel, *life, operation, answer), boost::asio::detached);
    });
  });
}

}  // namespace edda::sim
