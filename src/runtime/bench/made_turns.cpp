#include "bench/made_turns.hpp"

#include <chrono>
#include <map>

#include "base/assert.hpp"
#include "turn/stored_turn.hpp"
#include "turn/turn.hpp"

namespace edda::bench {
namespace {

constexpr std::string_view node = "node-1";

Timestamp now() {
  return std::chrono::time_point_cast<Timestamp::duration>(std::chrono::system_clock::now());
}

/// The statuses' counts and the events' by type.
using Totals = std::map<std::pair<std::string, std::string>, std::int64_t>;

void count(Totals& totals, const MadeTurn& made) {
  for (const auto& event : made.turn.events) ++totals[{"event", std::string(event.type)}];
  const auto rows = [&](const char* kind, const auto& all, std::string_view before) {
    for (const auto& row : all) {
      if (!made.placing) --totals[{kind, std::string(before)}];
      ++totals[{kind, std::string(to_string(row.status))}];
    }
  };
  rows("order", made.turn.orders, to_string(OrderStatus::pending));
  rows("payment", made.turn.payments, to_string(PaymentStatus::processing));
  rows("saga", made.turn.sagas, to_string(SagaStatus::started));
}

}  // namespace

TurnMaker::TurnMaker(std::size_t users) {
  for (std::size_t i = 0; i < users; ++i) users_.push_back(UserId{id(now(), 0)});
}

Uuid TurnMaker::id(Timestamp at, std::uint16_t low16) {
  std::array<std::uint8_t, 8> bytes;
  const std::uint64_t draw = random_();
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(draw >> (8 * i));
  return make_uuid_v7(at, bytes, low16);
}

MadeTurn TurnMaker::encode(const turn::OrderCase& before, const turn::Command& command, Timestamp at,
                           turn::OrderCase& after) {
  auto decision = turn::decide(before, command, {.at = at, .random = random_(), .fresh_saga = {}, .epoch = Epoch{1}});
  EDDA_ASSERT(decision.has_value());
  auto encoded = turn::encode(*decision);
  after = std::move(decision->after);
  MadeTurn made;
  made.turn.id = TurnId{id(at, static_cast<std::uint16_t>(random_()))};
  made.turn.correlation = after.order.id;
  made.turn.node = node;
  made.turn.proposed_at = at;
  made.turn.events = std::move(encoded.events);
  made.turn.orders = std::move(encoded.orders);
  made.turn.payments = std::move(encoded.payments);
  made.turn.sagas = std::move(encoded.sagas);
  return made;
}

MadeTurn TurnMaker::placing() {
  const Timestamp at = now();
  const auto low16 = static_cast<std::uint16_t>(random_());
  const OrderId order{id(at, low16)};
  const Money price{1999, *parse_currency("USD")};
  const order::Item item{"BOOK-1", "A book about orders", order::Quantity::whole(2), price};
  turn::OrderCase after;
  MadeTurn made = encode({},
                         turn::PlaceOrder{{order, users_[random_() % users_.size()], {item}, Money{2 * price.minor, price.currency},
                                           "12 Main Street, 10115 Berlin", PaymentId{id(at, low16)}, SagaId{id(at, low16)}}},
                         at, after);
  made.placing = true;
  made.created_at = at;
  const auto& first = made.turn.events.front();
  made.turn.command = CommandKey{id(at, low16).bytes, random_() >> 1, first.stream, first.version};
  for (auto& byte : made.turn.command->key) byte = static_cast<std::uint8_t>(random_());
  placed_.insert(placed_.begin(), {std::move(after), at, made.turn.id});
  return made;
}

MadeTurn TurnMaker::charged() {
  Placed placed = std::move(placed_.back());
  placed_.pop_back();
  EDDA_ASSERT(!placed.state.sagas.empty() && !placed.state.sagas.front().open.empty());
  const auto& saga = placed.state.sagas.front();
  turn::AnswerStep answer;
  answer.saga = saga.id;
  answer.step = saga.step(saga.open.front().step).name;
  answer.attempt = saga.open.front().attempt;
  answer.outcome = saga::Outcome::succeeded;
  answer.reference = "sim_" + to_string(id(placed.at, 0));
  turn::OrderCase after;
  MadeTurn made = encode(placed.state, answer, now(), after);
  made.created_at = placed.at;
  made.turn.causation = placed.turn;
  return made;
}

MadeBatch TurnMaker::batch(std::size_t turns) {
  MadeBatch batch;
  while (placed_.size() < turns / 2) batch.turns.push_back(placing());  // the first batch has only placings
  for (std::size_t i = batch.turns.size(); i < turns; ++i) {
    batch.turns.push_back(i % 2 == 0 ? charged() : placing());
  }
  Totals totals;
  for (const auto& made : batch.turns) count(totals, made);
  for (const auto& [name, delta] : totals)
    if (delta != 0) batch.totals.emplace_back(name.first, name.second, delta);
  return batch;
}

}  // namespace edda::bench
