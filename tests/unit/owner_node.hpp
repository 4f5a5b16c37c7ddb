#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "lanes/lane.hpp"
#include "memory/event_store.hpp"
#include "memory/scripted_gateway.hpp"
#include "owner/dispatcher.hpp"
#include "owner/gateway_executor.hpp"
#include "support/quiet_log.hpp"
#include "support/stepped_clock.hpp"
#include "system/random.hpp"
#include "tracing/traced_gateway.hpp"
#include "tracing/traced_steps.hpp"

namespace edda::owner_testing {

namespace asio = boost::asio;
using memory::ScriptedGateway;
using testing_support::SteppedClock;

/// The ids of the order `number`, which lives in the shard `number / 100`.
inline Uuid uuid(std::uint8_t kind, std::uint8_t number) {
  return make_uuid_v7(SteppedClock::start, {kind, number}, number / 100);
}
inline OrderId order_id(std::uint8_t number) { return OrderId{uuid(1, number)}; }
inline SagaId saga_id(std::uint8_t number) { return SagaId{uuid(3, number)}; }
inline std::string charge_key(std::uint8_t number) { return to_string(saga_id(number)) + "/payment_processing/forward"; }

/// One run of the owner over a store that outlives it, all on one thread.
struct Node {
  Node(EventStore& the_store, PaymentGateway& gateway, Clock& clock, owner::DispatcherSettings settings = {.node = "node-1"})
      : store(the_store),
        epochs(the_store.info().shards),
        traced_gateway(gateway, settings.tracer),
        steps(traced_gateway),
        attempts(steps, settings.tracer),
        dispatcher(context.get_executor(), store, attempts, epochs, clock, random, log, settings),
        lane(context.get_executor(), store, epochs, clock, random, {.node = settings.node, .tracer = settings.tracer},
             [this](auto turns) {
               if (overhear) overhear(turns);
               dispatcher.on_commit(std::move(turns));
             }) {
    dispatcher.connect(lane);
  }
  ~Node() {
    spawn(dispatcher.stop());
    spawn(lane.stop());
  }

  /// Runs until nothing can happen without a clock or a gateway that moves.
  void settle() {
    context.restart();
    context.poll();
  }
  void spawn(Task<void> task) {
    bool done = false;
    asio::co_spawn(context, std::move(task), [&done](std::exception_ptr failed) { done = !failed; });
    settle();
    EXPECT_TRUE(done) << "did not end by itself";
  }
  void start() {
    spawn([](owner::Dispatcher& d) -> Task<void> { EXPECT_TRUE(co_await d.start(far())); }(dispatcher));
  }
  Result<void> submit(lanes::TurnRequest request) {
    const auto answer = std::make_shared<std::optional<lanes::TurnAnswer>>();
    asio::co_spawn(context, lane.submit(std::move(request), far()),
                   [answer](std::exception_ptr, lanes::TurnAnswer given) { *answer = std::move(given); });
    settle();
    if (!*answer) return fail(Errc::unavailable, "not answered yet");
    if (!**answer) return std::unexpected((*answer)->error());
    return {};
  }
  /// `with`: the optional steps that take part.
  Result<void> place(std::uint8_t number, std::vector<std::string> with = {}, TraceContext trace = {}) {
    const order::Item item{"P-1", "Keyboard", order::Quantity::whole(1), Money{1999, {}}};
    lanes::TurnRequest request;
    request.order = order_id(number);
    request.command = turn::PlaceOrder{{order_id(number), UserId{uuid(4, 1)}, {item}, Money{1999, {}}, "Seoul",
                                       PaymentId{uuid(2, number)}, saga_id(number)},
                                       std::move(with)};
    request.fresh_saga = saga_id(number);
    request.caused_by = trace;
    return submit(std::move(request));
  }
  Result<void> operate(std::uint8_t number, saga::OperatorAction action, std::string step = {}) {
    lanes::TurnRequest request;
    request.order = order_id(number);
    saga::Operate what;
    what.action = action;
    what.by = UserId{uuid(4, 2)};
    what.reason = "test";
    what.step = std::move(step);
    request.command = turn::OperateSaga{saga_id(number), std::move(what)};
    return submit(std::move(request));
  }
  void deliver(OrderId order, turn::AnswerStep answer) {
    spawn([](owner::Dispatcher& d, OrderId o, turn::AnswerStep a) -> Task<void> {
      EXPECT_TRUE(co_await d.deliver(o, std::move(a)));
    }(dispatcher, order, std::move(answer)));
  }
  static Deadline far() { return {SteadyTime::max()}; }

  std::function<void(std::shared_ptr<const std::vector<lanes::CommittedTurn>>)> overhear;
  EventStore& store;
  asio::io_context context;
  system::SystemRandom random;
  testing_support::QuietLog log;
  lanes::Epochs epochs;
  tracing::TracedGateway traced_gateway;
  owner::GatewayExecutor steps;
  tracing::TracedSteps attempts;
  owner::Dispatcher dispatcher;
  lanes::Lane lane;
};

}  // namespace edda::owner_testing
