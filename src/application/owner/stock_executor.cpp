#include "owner/stock_executor.hpp"

#include <fmt/format.h>

#include "lanes/after_commit.hpp"
#include "lanes/case_loader.hpp"
#include "order/item.hpp"

namespace edda::owner {
namespace {

// A key that was free may be used while we spend it; then it is looked up once more, and never changes again.
constexpr int release_tries = 3;

std::string line_key(const std::string& step_key, const std::string& product) { return step_key + "/" + product; }

std::string text_of(std::int64_t thousandths) {
  return thousandths % 1000 == 0 ? fmt::format("{}", thousandths / 1000)
                                 : fmt::format("{}.{:03}", thousandths / 1000, thousandths % 1000);
}

/// `failed` says that this send did nothing at all: only where the store surely stored nothing, and no line before had an effect.
GatewayAnswer without_answer(const Error& error, bool nothing_stands) {
  const bool surely_not_done = error.code == Errc::unavailable || error.code == Errc::overloaded;
  return {surely_not_done && nothing_stands ? saga::Outcome::failed : saga::Outcome::unknown, {}, error.message};
}

GatewayAnswer released(const Result<void>& done) {
  if (!done) return {saga::Outcome::unknown, {}, done.error().message};
  return {saga::Outcome::succeeded, {}, {}};
}

}  // namespace

Task<GatewayAnswer> StockExecutor::perform(StepRequest request, Deadline deadline) {
  if (request.action == saga::Action::reserve_stock && request.direction == saga::Direction::forward)
    co_return co_await reserve_all(request, deadline);
  // A void of the reservation, its compensation, or the cancellation of a paid order.
  if (request.action == saga::Action::reserve_stock || request.action == saga::Action::release_stock)
    co_return released(co_await release_all(request, request.forward_key, deadline));
  co_return GatewayAnswer{saga::Outcome::failed, {}, "this step is no stock step"};
}

Task<GatewayAnswer> StockExecutor::reserve_all(const StepRequest& request, Deadline deadline) {
  bool nothing_stands = true;
  for (const StockLine& line : request.lines) {
    const std::string key = line_key(request.key, line.product_id);
    const auto answer = co_await ask(request, line.product_id, stock::Reserve{key, request.order, line.quantity}, key, deadline);
    if (!answer) co_return without_answer(answer.error(), nothing_stands);
    if (!*answer) continue;
    nothing_stands = false;
    if (std::holds_alternative<stock::StockReserved>(**answer)) continue;

    const auto gave_back = co_await release_all(request, request.key, deadline);
    if (!gave_back) co_return released(gave_back);
    const auto* declined = std::get_if<stock::StockReservationDeclined>(&**answer);
    co_return GatewayAnswer{
        saga::Outcome::declined,
        {},
        declined == nullptr ? fmt::format("The reservation of {} was given back before it was made", line.product_id)
                            : fmt::format("Not enough stock of {}: {} wanted, {} available", line.product_id,
                                          text_of(declined->quantity), text_of(declined->available))};
  }
  co_return GatewayAnswer{saga::Outcome::succeeded, {}, {}};
}

Task<Result<void>> StockExecutor::release_all(const StepRequest& request, const std::string& forward_key,
                                              Deadline deadline) {
  for (const StockLine& line : request.lines)
    CO_TRY_VOID(co_await release(request, line.product_id, line_key(forward_key, line.product_id), deadline));
  co_return Result<void>{};
}

Task<Result<void>> StockExecutor::release(const StepRequest& request, const std::string& product, std::string key,
                                          Deadline deadline) {
  for (int tries = 0; tries < release_tries; ++tries) {
    CO_TRY(auto stands, co_await answered(key, deadline));
    CO_TRY(const auto event,
           co_await ask(request, product, stock::Release{key, request.order, std::move(stands)}, stock::release_key(key), deadline));
    const bool used_meanwhile = event && (std::holds_alternative<stock::StockReserved>(*event) ||
                                          std::holds_alternative<stock::StockReservationDeclined>(*event));
    if (!used_meanwhile) co_return Result<void>{};
  }
  co_return fail(Errc::internal, "a reservation's key changes its answer");
}

Task<Result<std::optional<stock::Event>>> StockExecutor::ask(const StepRequest& request, const std::string& product,
                                                             stock::Command command, const std::string& command_key,
                                                             Deadline deadline) {
  lanes::TurnRequest turn;
  turn.product = stock::id_of(product);
  turn.command = std::move(command);
  turn.key = CommandKey{stock::digest_of(command_key), 0, {}, {}};
  turn.generation = request.generation;
  CO_TRY(const auto answer, co_await lane_->submit(std::move(turn), deadline));
  if (const auto* committed = std::get_if<lanes::Committed>(&answer)) {
    const auto& events = committed->decision->events;
    if (events.empty()) co_return std::nullopt;
    co_return std::get<stock::Event>(events.front().event);
  }
  const auto& stored = std::get<lanes::Replay>(answer);
  CO_TRY(auto event, lanes::after_commit(co_await event_at(stored.stream, stored.version, deadline)));
  co_return std::move(event);
}

Task<Result<std::optional<stock::Event>>> StockExecutor::answered(const std::string& command_key, Deadline deadline) {
  CO_TRY(const auto found, co_await store_.find_key(stock::digest_of(command_key), deadline));
  if (!found) co_return std::nullopt;
  CO_TRY(auto event, co_await event_at(found->stream, found->version, deadline));
  co_return std::move(event);
}

Task<Result<stock::Event>> StockExecutor::event_at(StreamId stream, StreamVersion version, Deadline deadline) {
  CO_TRY(const auto event, co_await lanes::event_at(store_, stream, version, deadline));
  co_return stock::decode(event.type, event.data);
}

}  // namespace edda::owner
