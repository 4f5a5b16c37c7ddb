#include "maintenance/import_teller.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/uuid_v5.hpp"
#include "saga/definitions.hpp"
#include "turn/stored_turn.hpp"

namespace edda::maintenance {
namespace {

// Sagas without forks, waits and a deadline of their own: the replaced system's were these two steps.
constexpr int feature_level = 1;
constexpr const char* node_name = "import";

}  // namespace

void StoryTeller::begin(Timestamp at, std::string_view name) {
  at_ = at;
  turn_ = TurnId{uuid_v5(order_.value, fmt::format("turn {}", name))};
  events_.clear();
}

Turn StoryTeller::end() {
  auto encoded = turn::encode({events_, state_});
  Turn turn;
  turn.id = turn_;
  turn.shard = shard_of(order_.value, shards_);
  turn.correlation = order_;
  turn.node = node_name;
  turn.proposed_at = at_;
  // Nobody has ever owned the target: whoever begins to serves it, and fences the import.
  turn.epoch = Epoch{0};
  for (const NewEvent& event : encoded.events) {
    const bool known = std::ranges::any_of(turn.expected, [&](const auto& e) { return e.stream == event.stream; });
    if (!known) turn.expected.push_back({event.stream, StreamVersion{event.version.value - 1}});
  }
  turn.events = std::move(encoded.events);
  turn.orders = std::move(encoded.orders);
  turn.payments = std::move(encoded.payments);
  turn.sagas = std::move(encoded.sagas);
  return turn;
}

Result<void> StoryTeller::tell(const turn::Command& command, std::string_view until) {
  const auto decision = turn::decide(state_, command, {at_, 0, fresh_saga_, Epoch{0}, feature_level});
  if (!decision) return fail(Errc::invalid_argument, fmt::format("its rows contradict each other: {}", turn::to_string(decision.error())));
  const auto encoded = turn::encode(*decision);
  for (std::size_t i = 0; i < decision->events.size() && encoded.events[i].type != until; ++i) TRY_VOID(record(decision->events[i]));
  return {};
}

Result<void> StoryTeller::answer(saga::Outcome outcome, std::string reason, std::string reference, std::string_view until) {
  const saga::State* saga = live_saga();
  if (saga == nullptr || saga->open.empty()) return {};
  const saga::OpenRequest& open = saga->open.front();
  return tell(turn::AnswerStep{saga->id, std::string(saga->step(open.step).name), open.direction, open.attempt, outcome, std::move(reason),
                               std::move(reference), false},
              until);
}

Result<void> StoryTeller::park(const std::string& reason) {
  const saga::State* saga = live_saga();
  if (saga == nullptr) return {};
  const StreamId stream = stream_of(saga->id);
  if (saga->open.empty()) return add(stream, saga::SagaParked{{}, saga::Direction::forward, reason, false});
  const saga::OpenRequest open = saga->open.front();
  const std::string step(saga->step(open.step).name);
  TRY_VOID(add(stream, saga::SagaStepUnknown{step, open.direction, open.attempt, reason, std::nullopt}));
  return add(stream, saga::SagaParked{step, open.direction, reason, false});
}

const saga::State* StoryTeller::live_saga() const {
  const auto found = std::ranges::find_if(state_.sagas, [](const saga::State& saga) { return saga.exists() && !saga.ended(); });
  return found == state_.sagas.end() ? nullptr : &*found;
}

Result<void> StoryTeller::add(StreamId stream, turn::DomainEvent event) {
  const auto* saga = state_.find_saga(SagaId{stream.value});
  return record({stream, StreamVersion{saga->version.value + 1}, std::move(event)});
}

Result<void> StoryTeller::record(turn::DecidedEvent event) {
  if (auto* told = std::get_if<saga::Event>(&event.event)) {
    auto* started = std::get_if<saga::SagaStarted>(told);
    if (started != nullptr && started->definition == saga::order_imported.name) started->definition_version = saga::order_imported.version;
  }
  const auto encoded = turn::encode({{event}, {}}).events.front();
  RecordedEvent stored;
  stored.stream = event.stream;
  stored.version = event.version;
  stored.type = encoded.type;
  stored.at = at_;
  stored.data = encoded.data;
  TRY_VOID(turn::apply(state_, stored));
  events_.push_back(std::move(event));
  return {};
}

}  // namespace edda::maintenance
