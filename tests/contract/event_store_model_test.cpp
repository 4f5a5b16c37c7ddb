#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "contract/sqlite_under_test.hpp"
#include "memory/event_store.hpp"

// The memory store is the model: whatever is asked of both, SQLite answers the same. RapidCheck prints its seed at the
// start and the smallest failing script at the end.

namespace edda::test {
namespace {

constexpr std::uint64_t orders = 5;

/// One turn of a script, in small numbers; what it means depends on how far the streams are.
struct Plan {
  int order = 0;
  int streams = 1;  ///< bits: order, payment, saga
  int events = 1;   ///< of each stream
  int kind = 0;     ///< which event
  int lag = 0;      ///< how far behind the expected versions are: 0 mostly
  int key = -1;
  int fingerprint = 0;
  int claim = -1;
  int epoch = -1;
  int second = 1;
  int after = -1;  ///< index in the batch
  bool again = false;
};

void showValue(const Plan& p, std::ostream& out) {
  out << fmt::format("{{order {} streams {} x{} kind {} lag {} key {}/{} claim {} epoch {} at {} after {}{}}}", p.order,
                     p.streams, p.events, p.kind, p.lag, p.key, p.fingerprint, p.claim, p.epoch, p.second, p.after,
                     p.again ? " again" : "");
}

template <class T>
rc::Gen<T> rarely(T usual, rc::Gen<T> other) {
  return rc::gen::weightedOneOf<T>({{7, rc::gen::just(usual)}, {2, std::move(other)}});
}

rc::Gen<Plan> plans() {
  using rc::gen::inRange;
  using rc::gen::set;
  return rc::gen::build<Plan>(
      set(&Plan::order, inRange(1, static_cast<int>(orders) + 1)), set(&Plan::streams, inRange(1, 8)),
      set(&Plan::events, inRange(1, 3)), set(&Plan::kind, inRange(0, 3)), set(&Plan::lag, rarely(0, inRange(-1, 2))),
      set(&Plan::key, rarely(-1, inRange(0, 4))), set(&Plan::fingerprint, inRange(0, 2)),
      set(&Plan::claim, rarely(-1, inRange(10, 14))), set(&Plan::epoch, rarely(-1, inRange(0, 3))),
      set(&Plan::second, inRange(1, 30)), set(&Plan::after, rarely(-1, inRange(0, 4))),
      set(&Plan::again, rarely(false, rc::gen::just(true))));
}

class Comparison {
 public:
  void run(const std::vector<Plan>& plan_of_batch) {
    std::vector<Turn> batch;
    std::map<StreamId, std::int64_t> versions;
    for (const Plan& plan : plan_of_batch) batch.push_back(turn_of(plan, batch, versions));
    const auto expected = await(model_.append(batch, soon()));
    const auto actual = await(sqlite_->log().append(batch, soon()));
    RC_ASSERT(expected.has_value() && actual.has_value());
    for (std::size_t i = 0; i < batch.size(); ++i) RC_ASSERT(to_text((*actual)[i]) == to_text((*expected)[i]));
    if (!batch.empty()) last_ = batch.back();
  }

  void take_over() {
    const auto expected = *await(model_.take_over(ShardId{}, "n", {}, soon()));
    const auto actual = *await(sqlite_->log().take_over(ShardId{}, "n", {}, soon()));
    RC_ASSERT(actual.epoch == expected.epoch && actual.last == expected.last);
    RC_ASSERT(actual.live.size() == expected.live.size());
    for (std::size_t i = 0; i < actual.live.size(); ++i) RC_ASSERT(actual.live[i].saga == expected.live[i].saga);
  }

  void reopen() {
    sqlite_.reset();
    sqlite_ = std::make_unique<SqliteUnderTest>(1, folder_);
  }

  void compare_all() {
    compare_log();
    compare_lists();
    const auto findings = await(sqlite_->check().check_log(soon()));
    RC_ASSERT(findings.has_value());
    RC_ASSERT(findings->findings == std::vector<std::string>{});
    const auto report = await(sqlite_->rebuild().rebuild_views(fold_rows, true, {}, soon()));
    RC_ASSERT(report.has_value());
    RC_ASSERT(report->differences == std::vector<std::string>{});
  }

 private:
  Turn turn_of(const Plan& plan, const std::vector<Turn>& earlier, std::map<StreamId, std::int64_t>& versions) {
    if (plan.again && last_) return *last_;
    const OrderIds ids(static_cast<std::uint64_t>(plan.order));
    TurnBuilder builder(++turns_, plan.second);
    const std::vector<StreamId> all = {stream_of(ids.order), stream_of(ids.payment), stream_of(ids.saga)};
    // A stream's first event is always its own kind of beginning, so that the model's rows are those of real orders;
    // and an order stands before its payment and saga do.
    const bool begins = version(all[0], versions) == 0;
    const int streams = begins ? plan.streams | 1 : plan.streams;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if ((streams >> i & 1) == 0) continue;
      std::int64_t& known = version(all[i], versions);
      builder.expects(all[i], std::max<std::int64_t>(known + plan.lag, 0));
      for (int n = 0; n < plan.events; ++n)
        add_event(builder, all[i], i, plan.kind, ids, std::max<std::int64_t>(known + plan.lag, 0) + n);
      known += plan.events;
    }
    if (plan.key >= 0) builder.key(static_cast<std::uint64_t>(plan.key), static_cast<std::uint64_t>(plan.fingerprint));
    if (plan.claim >= 0) builder.claim(static_cast<std::uint64_t>(plan.claim));
    if (plan.epoch >= 0) builder.epoch(plan.epoch);
    if (plan.after >= 0 && static_cast<std::size_t>(plan.after) < earlier.size()) {
      builder.after(earlier[static_cast<std::size_t>(plan.after)]);
    }
    return builder.with_rows();
  }

  /// The version a batch's next turn should expect: the model's, then what the batch itself adds if all passes.
  std::int64_t& version(StreamId stream, std::map<StreamId, std::int64_t>& versions) {
    const auto [entry, fresh] = versions.try_emplace(stream, 0);
    if (fresh) {
      entry->second =
          static_cast<std::int64_t>(await(model_.read_stream(stream, StreamVersion{0}, 10'000, soon()))->size());
    }
    return entry->second;
  }

  static void add_event(TurnBuilder& builder, StreamId stream, std::size_t which, int kind, const OrderIds& ids,
                        std::int64_t before) {
    static constexpr std::string_view first[] = {"OrderCreated", "PaymentRequested", "SagaStarted"};
    static constexpr std::string_view later[3][3] = {{"OrderConfirmed", "OrderCancelled", "OrderConfirmed"},
                                                     {"PaymentProcessed", "PaymentFailed", "PaymentProcessed"},
                                                     {"SagaCompleted", "SagaParked", "SagaStarted"}};
    if (before == 0) {
      builder.event(stream, first[which], which == 0 ? order_created(ids) : "{}");
    } else {
      builder.event(stream, later[which][kind]);
    }
  }

  void compare_log() {
    const auto expected = *await(model_.read_shard(ShardId{}, Position{0}, 10'000, soon()));
    const auto actual = *await(sqlite_->log().read_shard(ShardId{}, Position{0}, 10'000, soon()));
    RC_ASSERT(actual.size() == expected.size());
    for (std::size_t i = 0; i < actual.size(); ++i) {
      RC_ASSERT(actual[i].stream == expected[i].stream && actual[i].version == expected[i].version &&
                actual[i].position == expected[i].position && actual[i].type == expected[i].type &&
                actual[i].at == expected[i].at && actual[i].turn == expected[i].turn &&
                actual[i].data == expected[i].data);
    }
    for (std::uint64_t key = 0; key < 14; ++key) {
      const auto model_key = *await(model_.find_key(digest_of(key), soon()));
      const auto sqlite_key = *await(sqlite_->log().find_key(digest_of(key), soon()));
      RC_ASSERT(model_key.has_value() == sqlite_key.has_value());
      if (model_key)
        RC_ASSERT(model_key->stream == sqlite_key->stream && model_key->fingerprint == sqlite_key->fingerprint);
    }
  }

  void compare_lists() {
    const ListWindow window{.after = {}, .offset = 1, .limit = 3, .want_total = true};
    for (std::uint64_t customer = 0; customer < customers; ++customer) {
      const UserId user = id_of<UserId>(customer, 4);
      same(await(model_.list_orders({.user = user, .statuses = {}, .created_after = {}}, {}, soon())),
           await(sqlite_->views().list_orders({.user = user, .statuses = {}, .created_after = {}}, {}, soon())));
      same(await(model_.list_payments({.user = user, .order = {}, .statuses = {}}, window, soon())),
           await(sqlite_->views().list_payments({.user = user, .order = {}, .statuses = {}}, window, soon())));
    }
    OrderFilter open;
    open.statuses = {OrderStatus::pending};
    same(await(model_.list_orders(open, window, soon())), await(sqlite_->views().list_orders(open, window, soon())));
    SagaFilter live;
    live.statuses = {SagaStatus::started, SagaStatus::parked};
    same(await(model_.list_sagas(live, {}, soon())), await(sqlite_->views().list_sagas(live, {}, soon())));
    same(await(model_.list_sagas({}, window, soon())), await(sqlite_->views().list_sagas({}, window, soon())));
    const auto expected = *await(model_.totals(soon()));
    const auto actual = *await(sqlite_->views().totals(soon()));
    RC_ASSERT(actual.orders == expected.orders && actual.payments == expected.payments &&
              actual.sagas == expected.sagas && actual.events == expected.events);
  }

  template <class Record>
  static void same(const Result<ListPage<Record>>& expected, const Result<ListPage<Record>>& actual) {
    RC_ASSERT(expected.has_value() && actual.has_value());
    RC_ASSERT(actual->total == expected->total && actual->has_more == expected->has_more);
    RC_ASSERT(actual->items.size() == expected->items.size());
    for (std::size_t i = 0; i < actual->items.size(); ++i) {
      const auto& a = actual->items[i];
      const auto& e = expected->items[i];
      RC_ASSERT(a.row == e.row);
      RC_ASSERT(a.created_at == e.created_at && a.updated_at == e.updated_at);
    }
  }

  memory::MemoryEventStore model_{{.shards = 1, .generation = uuid_of(1)}};
  std::shared_ptr<TemporaryFolder> folder_ = std::make_shared<TemporaryFolder>();
  std::unique_ptr<SqliteUnderTest> sqlite_ = std::make_unique<SqliteUnderTest>(1, folder_);
  std::optional<Turn> last_;
  std::uint64_t turns_ = 0;
};

RC_GTEST_PROP(ContractEventStoreModel, SqliteAnswersAsTheModelDoes, ()) {
  const auto script = *rc::gen::container<std::vector<std::vector<Plan>>>(
      rc::gen::resize(6, rc::gen::container<std::vector<Plan>>(plans())));
  Comparison comparison;
  for (std::size_t i = 0; i < script.size(); ++i) {
    comparison.run(script[i]);
    if (i % 5 == 3) comparison.take_over();
    if (i % 11 == 7) comparison.reopen();
  }
  comparison.compare_all();
}

}  // namespace
}  // namespace edda::test
