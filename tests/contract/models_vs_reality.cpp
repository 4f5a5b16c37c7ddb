#include "contract/models_vs_reality.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "contract/postgres_store_under_test.hpp"
#include "contract/sim_under_test.hpp"
#include "contract/sqlite_under_test.hpp"
#include "memory/event_store.hpp"

namespace edda::test {
namespace {

constexpr std::uint16_t shards = script_shards;
constexpr int orders = script_orders;

class ModelOfMemory final : public StoreUnderTest {
 public:
  EventStore& log() override { return store_; }
  ReadModels& views() override { return store_; }
  ViewRebuild& rebuild() override { return store_; }
  StoreCheck& check() override { return store_; }

 private:
  memory::MemoryEventStore store_{{.shards = shards, .generation = uuid_of(1)}};
};

Contestant sqlite() {
  const auto folder = std::make_shared<TemporaryFolder>(TemporaryFolder::in_memory());
  return {.name = "sqlite",
          .open = [folder] { return std::make_unique<SqliteUnderTest>(shards, folder); },
          .decides_again = false,
          .outlives_its_process = true};
}

Contestant simulated() {
  return {.name = "simulated", .open = [] { return std::make_unique<SimUnderTest>(shards); }, .has_upkeep = false};
}

// One database for all scripts: emptying it is quicker than making one.
Contestant postgres() {
  static const auto database = std::shared_ptr<testing_support::PostgresDatabase>(migrated_database());
  database->sql(
      "TRUNCATE edda.store, edda.shards, edda.events, edda.keys, edda.order_view, edda.payment_view, edda.saga_view,"
      " edda.product_view, edda.totals, edda.nodes, edda.cursors");
  return {.name = "postgres",
          .open = [] { return std::make_unique<PostgresUnderTest>(shards, database); },
          .decides_again = false,
          .outlives_its_process = true};
}

// Answers in words.

std::string words(const Error& error) { return fmt::format("error {}", to_string(error.code)); }

std::string words(const RecordedEvent& e) {
  return fmt::format("[{}:{} {} v{} {} at {} by {} turn {} of {} because {} {}]", e.shard.value, e.position.value,
                     to_string(e.stream), e.version.value, e.type, to_micros(e.at), e.node, to_string(e.turn),
                     to_string(e.correlation), e.causation ? to_string(*e.causation) : "-", e.data);
}
std::string words(const std::vector<RecordedEvent>& events) {
  std::string text;
  for (const RecordedEvent& event : events) text += words(event) + "\n";
  return text;
}
std::string words(const EventStore::Backwards& found) {
  return fmt::format("to {}: {}", found.scanned_to.value, words(found.events));
}
std::string words(const std::vector<Position>& positions) {
  std::string text;
  for (const Position position : positions) text += fmt::format("{} ", position.value);
  return text;
}
std::string words(const std::optional<StoredKey>& key) {
  if (!key) return "none";
  return fmt::format("{} v{} {}", to_string(key->stream), key->version.value, key->fingerprint);
}
std::string words(const TakeOver& taken) {
  std::string text = fmt::format("epoch {} last {}:", taken.epoch.value, taken.last.value);
  for (const LiveSaga& live : taken.live) text += fmt::format(" {} of {}", to_string(live.saga), to_string(live.order));
  return text;
}
std::string words(const OrderRow& r) {
  return fmt::format("order {} user {} {} total {} payment {} saga {} v{}", to_string(r.id), to_string(r.user),
                     to_string(r.status), r.total.minor, to_string(r.payment), to_string(r.saga), r.version.value);
}
std::string words(const PaymentRow& r) {
  return fmt::format("payment {} order {} user {} {} {} refunded {} '{}' '{}' v{}", to_string(r.id), to_string(r.order),
                     to_string(r.user), to_string(r.status), r.amount.minor, r.refunded_minor,
                     r.external_transaction_id, r.failure_reason, r.version.value);
}
std::string words(const SagaRow& r) {
  return fmt::format("saga {} order {} user {} {} {} {} at {} done {} undone {} '{}' v{}", to_string(r.id),
                     to_string(r.order), to_string(r.user), r.definition, r.definition_version, to_string(r.status),
                     r.current_step, fmt::join(r.completed_steps, ","), fmt::join(r.compensation_steps, ","), r.error,
                     r.version.value);
}
template <class Row>
std::string words(const Stored<Row>& stored) {
  return fmt::format("{} from {} to {}", words(stored.row), to_micros(stored.created_at), to_micros(stored.updated_at));
}
std::string words(const OrderRecord& record) {
  return fmt::format("{} items {} to '{}' refunded {}", words(static_cast<const Stored<OrderRow>&>(record)),
                     record.items.size(), record.shipping_address, record.refunded_minor);
}
template <class Record>
std::string words(const ListPage<Record>& page) {
  std::string text = fmt::format("of {}{}:\n", page.total, page.has_more ? " and more" : "");
  for (const Record& record : page.items) text += words(record) + "\n";
  return text;
}
std::string words(const Totals& totals) {
  std::string text;
  const auto add = [&](const auto& counts, auto name) {
    for (const auto& [what, count] : counts) text += fmt::format("{} {}, ", name(what), count);
  };
  add(totals.orders, [](OrderStatus status) { return to_string(status); });
  add(totals.payments, [](PaymentStatus status) { return to_string(status); });
  add(totals.sagas, [](SagaStatus status) { return to_string(status); });
  add(totals.events, [](const std::string& type) { return type; });
  return text;
}
template <class T>
std::string words(const std::optional<T>& found) {
  return found ? words(*found) : "none";
}
template <class T>
std::string told(const Result<T>& answer) {
  return answer ? words(*answer) : words(answer.error());
}

}  // namespace

std::vector<Contestant> contestants() {
  std::vector<Contestant> all;
  all.push_back(simulated());
  all.push_back({.name = "memory", .open = [] { return std::make_unique<ModelOfMemory>(); }, .decides_again = false});
  all.push_back(sqlite());
  return all;
}

std::vector<Contestant> postgres_contestants() {
  std::vector<Contestant> all;
  all.push_back(simulated());
  all.push_back(postgres());
  return all;
}

std::optional<std::string> ModelsVsReality::run(const std::vector<Step>& script) {
  for (std::size_t i = 0; i < script.size(); ++i) {
    if (auto different = append(script[i].batch)) return fmt::format("step {}: {}", i, *different);
    if (auto different = follow(script[i])) return fmt::format("step {}: {}", i, *different);
  }
  if (auto different = compare_all()) return different;
  return look_after();
}

std::optional<std::string> ModelsVsReality::same(const std::string& what, const Ask& ask) {
  const std::string expected = ask(*all_.front().store);
  for (std::size_t i = 1; i < all_.size(); ++i) {
    const std::string actual = ask(*all_[i].store);
    if (actual != expected) {
      return fmt::format("{}\n{} says: {}\n{} says: {}", what, all_.front().name, expected, all_[i].name, actual);
    }
  }
  return std::nullopt;
}

std::optional<std::string> ModelsVsReality::append(const std::vector<Plan>& plans) {
  const std::vector<Turn> batch = turns_.batch(plans);
  if (batch.empty()) return std::nullopt;
  const auto strict = await(all_.front().store->log().append(batch, soon()));
  if (!strict) return "append fails: " + words(strict.error());
  std::vector<Turn> fewer;
  std::vector<TurnOutcome> fewer_expected;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (may_decide_again(batch, *strict, i)) continue;
    fewer.push_back(batch[i]);
    fewer_expected.push_back((*strict)[i]);
  }
  for (std::size_t c = 1; c < all_.size(); ++c) {
    const auto& expected = all_[c].decides_again ? *strict : fewer_expected;
    const auto actual = await(all_[c].store->log().append(all_[c].decides_again ? batch : fewer, soon()));
    if (!actual || actual->size() != expected.size()) return all_[c].name + " does not append";
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (to_text((*actual)[i]) == to_text(expected[i])) continue;
      return fmt::format("turn {} of the batch\n{} says: {}\n{} says: {}", i, all_.front().name, to_text(expected[i]),
                         all_[c].name, to_text((*actual)[i]));
    }
  }
  return std::nullopt;
}

std::optional<std::string> ModelsVsReality::follow(const Step& step) {
  const int n = step.number;
  const ShardId shard = shard_of_order(n);
  switch (step.then) {
    case Step::Then::nothing:
      return std::nullopt;
    case Step::Then::take_over:
      return same("take_over", [&](auto& s) { return told(await(s.log().take_over(shard, "n", {}, soon()))); });
    case Step::Then::take_over_if:
      return same("take_over if",
                  [&](auto& s) { return told(await(s.log().take_over(shard, "n", Epoch{n / 4}, soon()))); });
    case Step::Then::read_shard:
      return same("read_shard",
                  [&](auto& s) { return told(await(s.log().read_shard(shard, Position{n}, 7, soon()))); });
    case Step::Then::read_backwards:
      return same("read_shard_backwards", [&](auto& s) {
        const auto type = n % 3 == 0 ? std::optional<std::string>("OrderCreated") : std::nullopt;
        return told(await(s.log().read_shard_backwards(shard, Position{n}, type, 3, 8, soon())));
      });
    case Step::Then::read_stream:
      return same("read_stream", [&](auto& s) {
        const StreamId stream = stream_of(OrderIds(static_cast<std::uint64_t>(n % orders + 1)).order);
        return told(await(s.log().read_stream(stream, StreamVersion{n / orders}, 3, soon())));
      });
    case Step::Then::find_key:
      return same("find_key", [&](auto& s) {
        return told(await(s.log().find_key(digest_of(static_cast<std::uint64_t>(n)), soon())));
      });
    case Step::Then::reopen:
      reopen();
      return std::nullopt;
  }
  return std::nullopt;
}

void ModelsVsReality::reopen() {
  for (Contestant& contestant : all_) {
    if (!contestant.outlives_its_process) continue;
    contestant.store.reset();
    contestant.store = contestant.open();
  }
}

std::optional<std::string> ModelsVsReality::compare_all() {
  std::vector<std::pair<std::string, Ask>> asks;
  for (std::uint16_t shard = 0; shard <= shards; ++shard) {
    asks.emplace_back("the log", [=](auto& s) {
      return told(await(s.log().read_shard(ShardId{shard}, Position{0}, 10'000, soon())));
    });
  }
  asks.emplace_back("last_positions", [](auto& s) { return told(await(s.log().last_positions(soon()))); });
  for (std::uint64_t key = 0; key < 14; ++key) {
    asks.emplace_back("find_key", [=](auto& s) { return told(await(s.log().find_key(digest_of(key), soon()))); });
  }
  const ListWindow window{.after = {}, .offset = 1, .limit = 3, .want_total = true};
  for (std::uint64_t customer = 0; customer < customers; ++customer) {
    const UserId user = id_of<UserId>(customer, 4);
    asks.emplace_back("orders of a customer", [=](auto& s) {
      return told(await(s.views().list_orders({.user = user, .statuses = {}, .created_after = {}}, {}, soon())));
    });
    asks.emplace_back("payments of a customer", [=](auto& s) {
      return told(await(s.views().list_payments({.user = user, .order = {}, .statuses = {}}, window, soon())));
    });
  }
  asks.emplace_back("open orders", [=](auto& s) {
    return told(await(
        s.views().list_orders({.user = {}, .statuses = {OrderStatus::pending}, .created_after = {}}, window, soon())));
  });
  asks.emplace_back("sagas", [=](auto& s) { return told(await(s.views().list_sagas({}, window, soon()))); });
  for (int order = 1; order <= orders; ++order) {
    const OrderIds ids(static_cast<std::uint64_t>(order));
    asks.emplace_back("find_order", [=](auto& s) { return told(await(s.views().find_order(ids.order, soon()))); });
    asks.emplace_back("find_payment",
                      [=](auto& s) { return told(await(s.views().find_payment(ids.payment, soon()))); });
    asks.emplace_back("find_saga", [=](auto& s) { return told(await(s.views().find_saga(ids.saga, soon()))); });
  }
  asks.emplace_back("totals", [](auto& s) { return told(await(s.views().totals(soon()))); });
  for (const auto& [what, ask] : asks) {
    if (auto different = same(what, ask)) return different;
  }
  return std::nullopt;
}

std::optional<std::string> ModelsVsReality::look_after() {
  for (Contestant& contestant : all_) {
    if (!contestant.has_upkeep) continue;
    const auto found = await(contestant.store->check().check_log(soon()));
    if (!found || found->findings_total > 0) return contestant.name + ": the check finds something";
    const auto report = await(contestant.store->rebuild().rebuild_views(fold_rows, true, {}, soon()));
    if (!report || report->rows_changed > 0) return contestant.name + ": the views are not what the log says";
  }
  return std::nullopt;
}

}  // namespace edda::test
