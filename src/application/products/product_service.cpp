#include "products/product_service.hpp"

#include "lanes/after_commit.hpp"
#include "lanes/case_loader.hpp"

namespace edda::products {

namespace {

/// A creation is at most ProductCreated and the first StockAdjusted.
constexpr std::size_t creation_events_max = 2;

Adjustment adjustment_of(const stock::State& product, const stock::Event& event, StreamVersion version, Timestamp at) {
  return {product.product, std::get<stock::StockAdjusted>(event), version, at, false};
}

}  // namespace

Task<lanes::TurnAnswer> ProductService::submit(std::string_view product, stock::Command command,
                                               const std::optional<orders::ClientKey>& key,
                                               std::optional<StreamVersion> expected_version, Deadline deadline) {
  lanes::TurnRequest request;
  request.product = stock::id_of(product);
  request.command = std::move(command);
  request.if_version = expected_version;
  if (key) request.key = orders::command_key(*key);
  co_return co_await lane_.submit(std::move(request), deadline);
}

Task<Result<Answer>> ProductService::create(stock::CreateProduct product, std::optional<orders::ClientKey> key,
                                            Deadline deadline) {
  const std::string name = product.product;
  CO_TRY(const auto answer, co_await submit(name, std::move(product), key, std::nullopt, deadline));
  if (const auto* replay = std::get_if<lanes::Replay>(&answer))
    co_return lanes::after_commit(co_await replay_creation(*replay, deadline));
  const auto& committed = std::get<lanes::Committed>(answer);
  co_return Answer{{row_of(committed.state->product), committed.at, committed.at}, false};
}

Task<Result<Answer>> ProductService::replay_creation(lanes::Replay stored, Deadline deadline) {
  CO_TRY(const auto events, co_await store_.read_stream(stored.stream, StreamVersion{stored.version.value - 1},
                                                        creation_events_max, deadline));
  if (events.empty()) co_return fail(Errc::corrupt, "the stored answer's events are missing");
  stock::State state;
  for (const auto& event : events) {
    if (event.turn != events.front().turn) break;
    CO_TRY(const auto decoded, stock::decode(event.type, event.data));
    state = stock::evolve(std::move(state), decoded);
  }
  co_return Answer{{row_of(state), events.front().at, events.front().at}, true};
}

Task<Result<Answer>> ProductService::change(std::string product, stock::ChangeProduct change,
                                            std::optional<StreamVersion> expected_version, Deadline deadline) {
  CO_TRY(const auto answer, co_await submit(product, std::move(change), std::nullopt, expected_version, deadline));
  co_return lanes::after_commit(co_await answer_of(std::get<lanes::Committed>(answer).state->product, deadline));
}

Task<Result<Answer>> ProductService::answer_of(stock::State state, Deadline deadline) {
  CO_TRY(const auto first, co_await lanes::event_at(store_, stream_of(state.id), StreamVersion{1}, deadline));
  CO_TRY(const auto last, co_await lanes::event_at(store_, stream_of(state.id), state.version, deadline));
  co_return Answer{{row_of(state), first.at, last.at}, false};
}

Task<Result<Adjustment>> ProductService::adjust(std::string product, stock::AdjustStock adjust,
                                                std::optional<orders::ClientKey> key, Deadline deadline) {
  CO_TRY(const auto answer, co_await submit(product, std::move(adjust), key, std::nullopt, deadline));
  if (const auto* committed = std::get_if<lanes::Committed>(&answer)) {
    const auto& event = std::get<stock::Event>(committed->decision->events.front().event);
    co_return adjustment_of(committed->state->product, event, committed->state->product.version, committed->at);
  }
  co_return lanes::after_commit(co_await replay_adjustment(std::move(product), std::get<lanes::Replay>(answer), deadline));
}

Task<Result<Adjustment>> ProductService::replay_adjustment(std::string product, lanes::Replay stored, Deadline deadline) {
  CO_TRY(const auto recorded, co_await lanes::event_at(store_, stored.stream, stored.version, deadline));
  CO_TRY(const auto event, stock::decode(recorded.type, recorded.data));
  if (!std::holds_alternative<stock::StockAdjusted>(event)) co_return fail(Errc::corrupt, "the stored answer is no adjustment");
  co_return Adjustment{std::move(product), std::get<stock::StockAdjusted>(event), stored.version, recorded.at, true};
}

}  // namespace edda::products
