// Several clients at the simulated database at once: their transactions come in between one another at every statement,
// as a drawn schedule says. Whatever came out must be what the memory store answers when it gets the same requests one
// after the other, in the order of the commits. So no interleaving shows; the simulated store is as strict as it would
// be with one client.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <deque>
#include <memory>
#include <sstream>

#include "contract/event_store_contract.hpp"
#include "contract/scripted_plans.hpp"
#include "memory/event_store.hpp"
#include "world/store_append.hpp"
#include "world/store_ownership.hpp"

namespace edda::test {

/// What one client does next.
struct Act {
  enum class Kind { append, append_as_the_other, take_over, take_over_if };
  Kind kind = Kind::append;
  std::vector<Plan> batch;
  int number = 0;       ///< shard and epoch of a take-over
  int break_after = 0;  ///< statements, after which its connection breaks and it is rolled back; 0: never
};

void showValue(const Act& act, std::ostream& out) {
  out << fmt::format("\n{{kind {} number {} break {} [", static_cast<int>(act.kind), act.number, act.break_after);
  for (const Plan& plan : act.batch) showValue(plan, out);
  out << "]}";
}

namespace {

using sim::Transaction;

class Interleaving {
 public:
  explicit Interleaving(std::vector<std::vector<Act>> acts) {
    database_.data.shards.resize(script_shards);
    for (auto& of_client : acts) {
      const std::uint64_t first = 1 + 1000 * clients_.size();
      clients_.push_back(
          {.turns = ScriptedTurns([this](StreamId s) { return database_.data.version_of(s).value; }, first),
           .todo = {of_client.begin(), of_client.end()}});
    }
  }

  /// Runs all to their ends; `schedule` says who goes on, as long as it lasts.
  void run(const std::vector<int>& schedule) {
    for (std::size_t tick = 0;; ++tick) {
      std::vector<Client*> able;
      bool anybody = false;
      for (Client& client : clients_) {
        const bool busy = client.running != nullptr;
        anybody = anybody || busy || !client.todo.empty();
        if (busy ? !client.running->waits() : !client.todo.empty()) able.push_back(&client);
      }
      if (!anybody) return;
      if (able.empty()) RC_FAIL("all wait for one another");
      const int pick = tick < schedule.size() ? schedule[tick] : static_cast<int>(tick);
      go_on(*able[static_cast<std::size_t>(pick) % able.size()]);
      database_.woken.clear();
    }
  }

  void compare_stored() {
    for (std::uint16_t shard = 0; shard < script_shards; ++shard) {
      const auto expected = *await(serial_.read_shard(ShardId{shard}, Position{0}, 10'000, soon()));
      const auto& log = database_.data.shards[shard].log;
      RC_ASSERT(log.size() == expected.size());
      for (std::size_t i = 0; i < log.size(); ++i) {
        RC_ASSERT(log[i].position == expected[i].position && log[i].stream == expected[i].stream &&
                  log[i].version == expected[i].version && log[i].turn == expected[i].turn &&
                  log[i].type == expected[i].type && log[i].at == expected[i].at && log[i].data == expected[i].data);
      }
    }
    for (std::uint64_t key = 0; key < 14; ++key) {
      const auto expected = *await(serial_.find_key(digest_of(key), soon()));
      const auto* row = database_.data.key_of(digest_of(key));
      RC_ASSERT(expected.has_value() == (row != nullptr));
      if (row != nullptr) RC_ASSERT(row->stored.stream == expected->stream);
    }
    for (const auto& [id, row] : database_.data.payments) {
      const auto expected = *await(serial_.find_payment(PaymentId{id}, soon()));
      RC_ASSERT(expected && expected->row == row.row && expected->updated_at == row.updated_at);
    }
    RC_ASSERT(await(serial_.totals(soon()))->payments.size() <= database_.data.payments.size());
  }

  int waits() const { return waits_; }

 private:
  struct Client {
    ScriptedTurns turns;
    std::deque<Act> todo;
    std::shared_ptr<Transaction> running = {};
    std::vector<Turn> batch = {};  ///< that it appends, or appended last
    bool ready = false;
    int steps = 0;
  };

  void go_on(Client& client) {
    if (client.running == nullptr) return begin(client);
    if (client.todo.front().break_after > 0 && ++client.steps >= client.todo.front().break_after) return end(client);
    if (!client.ready) {
      const auto progress = client.running->step(database_);
      client.ready = progress == Transaction::Progress::ready;
      waits_ += progress == Transaction::Progress::waiting ? 1 : 0;
      return;
    }
    client.running->commit(database_, nullptr);
    compare(client);
    end(client);
  }

  void begin(Client& client) {
    const Act& act = client.todo.front();
    const auto shard = ShardId{static_cast<std::uint16_t>(act.number % script_shards)};
    switch (act.kind) {
      case Act::Kind::append:
        client.batch = client.turns.batch(act.batch);
        break;
      case Act::Kind::append_as_the_other:
        client.batch = (&client == &clients_[0] ? clients_[1] : clients_[0]).batch;
        break;
      case Act::Kind::take_over:
        client.running = std::make_shared<sim::TakeOverTransaction>(shard, "n", std::nullopt);
        return;
      case Act::Kind::take_over_if:
        client.running = std::make_shared<sim::TakeOverTransaction>(shard, "n", Epoch{act.number / 2});
        return;
    }
    client.running =
        std::make_shared<sim::AppendTransaction>(std::make_shared<std::vector<Turn>>(client.batch), script_shards);
  }

  void end(Client& client) {
    database_.locks.release_all(*client.running, database_.woken);
    client.running.reset();
    client.ready = false;
    client.steps = 0;
    client.todo.pop_front();
  }

  void compare(Client& client) {
    if (const auto* append = dynamic_cast<const sim::AppendTransaction*>(client.running.get())) {
      return compare_append(client.batch, append->outcomes());
    }
    const auto& taken = dynamic_cast<const sim::TakeOverTransaction&>(*client.running);
    const Act& act = client.todo.front();
    const auto only_if = act.kind == Act::Kind::take_over_if ? std::optional(Epoch{act.number / 2}) : std::nullopt;
    const auto expected = await(serial_.take_over(taken.shard(), "n", only_if, soon()));
    RC_ASSERT(taken.answer().has_value() == expected.has_value());
    if (!expected) return;
    RC_ASSERT(taken.answer()->epoch == expected->epoch);
    RC_ASSERT(taken.answer()->last == expected->last);
    RC_ASSERT(taken.answer()->live.size() == expected->live.size());
  }

  void compare_append(const std::vector<Turn>& batch, const std::vector<TurnOutcome>& outcomes) {
    std::vector<Turn> fewer;
    std::vector<std::string> told;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (may_decide_again(batch, outcomes, i)) continue;
      fewer.push_back(batch[i]);
      told.push_back(to_text(outcomes[i]));
    }
    const auto expected = *await(serial_.append(fewer, soon()));
    for (std::size_t i = 0; i < fewer.size(); ++i) RC_ASSERT(told[i] == to_text(expected[i]));
  }

  sim::Database database_;
  memory::MemoryEventStore serial_{{.shards = script_shards, .generation = uuid_of(1)}};
  std::deque<Client> clients_;
  int waits_ = 0;
};

rc::Gen<std::vector<Act>> acts() {
  using Kind = Act::Kind;
  using rc::gen::inRange;
  using rc::gen::set;
  auto act = rc::gen::build<Act>(
      set(&Act::kind,
          rc::gen::weightedElement<Kind>(
              {{8, Kind::append}, {2, Kind::append_as_the_other}, {1, Kind::take_over}, {1, Kind::take_over_if}})),
      set(&Act::batch, rc::gen::resize(4, rc::gen::container<std::vector<Plan>>(rc::gen::arbitrary<Plan>()))),
      set(&Act::number, rc::gen::resize(rc::kNominalSize, inRange(0, 8))),
      set(&Act::break_after, rarely(0, rc::gen::resize(rc::kNominalSize, inRange(1, 8)))));
  return rc::gen::resize(12, rc::gen::container<std::vector<Act>>(std::move(act)));
}

TEST(UnitSimStoreInterleaving, ComesToWhatOneClientAfterTheOtherWouldHave) {
  int waits = 0;
  const auto explained = [&] {
    const auto first = *acts();
    const auto second = *acts();
    const auto schedule = *rc::gen::resize(200, rc::gen::container<std::vector<int>>(rc::gen::element(0, 1)));
    Interleaving interleaving({first, second});
    interleaving.run(schedule);
    interleaving.compare_stored();
    waits += interleaving.waits();
  };
  rc::detail::TestMetadata metadata;
  metadata.id = "UnitSimStoreInterleaving";
  auto params = rc::detail::configuration().testParams;
  params.maxSuccess = 500;
  const auto result = rc::detail::checkProperty(rc::detail::toProperty(explained), metadata, params);
  std::ostringstream message;
  rc::detail::printResultMessage(result, message);
  EXPECT_TRUE(result.template is<rc::detail::SuccessResult>()) << message.str();
  // Otherwise nothing ever met.
  if (result.template is<rc::detail::SuccessResult>()) EXPECT_GT(waits, 100);
}

}  // namespace
}  // namespace edda::test
