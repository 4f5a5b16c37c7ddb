#include "maintenance/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "lanes/case_loader.hpp"
#include "maintenance/verify_case.hpp"
#include "maintenance/verify_ledger.hpp"
#include "maintenance/verify_stock.hpp"
#include "turn/order_case.hpp"

namespace edda::maintenance {
namespace {

constexpr std::size_t verified_rows_a_page = 500;

/// What the fold of every stream showed. The store may fold on a thread of its own.
struct Seen {
  std::mutex mutex;
  std::int64_t sagas = 0;
  std::unordered_set<OrderId> unsettled;  ///< orders with a live saga, or with one that looks wrong
  VerifyCheck stock{"stock"};
  std::vector<OrderId> holding;  ///< orders that hold stock; sorted when all streams were seen
};

/// As turn::rows_of_stream, with a look at each saga.
Result<StreamRows> fold(const std::vector<RecordedEvent>& stream, Seen& seen) {
  turn::OrderCase state;
  for (const auto& event : stream) TRY_VOID(turn::apply(state, event));
  StreamRows rows;
  if (state.order.exists()) rows.orders.push_back(row_of(state.order));
  if (state.payment.exists()) rows.payments.push_back(row_of(state.payment));
  for (const auto& saga : state.sagas) {
    rows.sagas.push_back(row_of(saga));
    const std::lock_guard lock(seen.mutex);
    ++seen.sagas;
    if (!saga.ended() || fault_of(saga)) seen.unsettled.insert(saga.order);
  }
  if (state.product.exists()) {
    rows.products.push_back(row_of(state.product));
    const std::lock_guard lock(seen.mutex);
    judge_product(seen.stock, stream, state.product, seen.holding);
  }
  return rows;
}

/// One of the two lists, page by page.
template <class Record>
struct Walk {
  std::optional<ListCursor> cursor;
  bool finished = false;

  ListWindow window() const { return {.after = cursor, .limit = verified_rows_a_page}; }
  void took(const ListPage<Record>& page) {
    finished = !page.has_more || page.items.empty();
    if (!page.items.empty()) cursor = ListCursor{page.items.back().created_at, page.items.back().row.id.value};
  }
  /// Where it is: lists run from new to old.
  template <class Other>
  bool is_behind(const Walk<Other>& other) const {
    return !finished && (other.finished || !cursor || (other.cursor && cursor->created_at >= other.cursor->created_at));
  }
};

class Run {
 public:
  Run(const VerifySources& sources, const VerifySettings& settings, Deadline deadline)
      : sources_(sources), settings_(settings), deadline_(deadline) {
    report_.has_ledger = sources.ledger != nullptr;
    if (sources.ledger != nullptr)
      ledger_.emplace(*sources.ledger, report_.ledger);
    else
      report_.ledger.notes.add("The payment gateway keeps its own books: they were not compared with the log");
  }

  Task<Result<VerifyReport>> run(std::function<void(std::int64_t)> progress) {
    const SteadyTime begun = sources_.clock.steady_now();
    CO_TRY_VOID(co_await check_log());
    CO_TRY_VOID(co_await check_views(std::move(progress)));
    CO_TRY_VOID(co_await walk_orders());
    CO_TRY_VOID(co_await judge_leftovers());
    if (ledger_)
      CO_TRY_VOID(co_await ledger_->check_entries([this](SagaId saga) { return load_by_saga(saga); }, deadline_));
    for (const auto& [currency, totals] : report_.totals)
      if (totals.difference() != 0)
        report_.money.faults.add(fmt::format("{}: what is held differs from what the orders say by {} minor units", currency, totals.difference()));
    report_.duration = std::chrono::duration_cast<milliseconds>(sources_.clock.steady_now() - begun);
    co_return std::move(report_);
  }

 private:
  Task<Result<void>> check_log() {
    CO_TRY(const auto found, co_await sources_.log.check_log(deadline_));
    report_.log.checked = found.events;
    report_.log.faults = {found.findings_total, found.findings};
    co_return Result<void>{};
  }

  Task<Result<void>> check_views(std::function<void(std::int64_t)> progress) {
    const auto compared = co_await sources_.rebuild.rebuild_views(
        [this](const std::vector<RecordedEvent>& stream) { return fold(stream, seen_); }, true, std::move(progress), deadline_);
    // A log that cannot be read is what this looks for.
    if (!compared && compared.error().code == Errc::corrupt) {
      report_.views.faults.add(compared.error().message);
      co_return Result<void>{};
    }
    if (!compared) co_return std::unexpected(compared.error());
    report_.views.checked = compared->streams;
    report_.views.faults = {compared->rows_changed, compared->differences};
    report_.sagas.checked = seen_.sagas;
    report_.stock = std::move(seen_.stock);
    std::ranges::sort(seen_.holding);
    co_return Result<void>{};
  }

  Task<Result<void>> walk_orders() {
    Walk<OrderRecord> orders;
    Walk<PaymentRecord> payments;
    while (!orders.finished || !payments.finished) {
      if (orders.is_behind(payments)) {
        CO_TRY(const auto page, co_await sources_.views.list_orders({}, orders.window(), deadline_));
        for (const auto& record : page.items) CO_TRY_VOID(co_await met(record.row));
        orders.took(page);
      } else {
        CO_TRY(const auto page, co_await sources_.views.list_payments({}, payments.window(), deadline_));
        for (const auto& record : page.items) CO_TRY_VOID(co_await met(record.row));
        payments.took(page);
      }
    }
    co_return Result<void>{};
  }

  Task<Result<void>> met(const OrderRow& order) {
    const auto payment = payments_.extract(order.id);
    if (!payment.empty()) co_return co_await judge(order, payment.mapped());
    orders_.emplace(order.id, order);
    co_return Result<void>{};
  }
  Task<Result<void>> met(const PaymentRow& payment) {
    const auto order = orders_.extract(payment.order);
    if (!order.empty()) co_return co_await judge(order.mapped(), payment);
    payments_.emplace(payment.order, payment);
    co_return Result<void>{};
  }

  Task<Result<void>> judge(OrderRow order, PaymentRow payment) {
    const bool refunds_to_match = ledger_ && payment.refunded_minor > 0;
    const bool holds = order.status == OrderStatus::cancelled && std::ranges::binary_search(seen_.holding, order.id);
    if (!is_settled(order, payment) || refunds_to_match || holds || seen_.unsettled.contains(order.id))
      co_return co_await judge_whole(order.id);
    ++report_.orders.checked;
    ++report_.money.checked;
    count_settled(report_, order, payment);
    if (ledger_ && payment.status != PaymentStatus::failed)
      CO_TRY_VOID(co_await ledger_->match_charge(order.saga, payment.amount, payment.external_transaction_id, deadline_));
    co_return Result<void>{};
  }

  /// Rows without their counterpart: begun while the lists were read, or wrong. The log decides.
  Task<Result<void>> judge_leftovers() {
    for (const auto& [id, order] : orders_) CO_TRY_VOID(co_await judge_whole(id));
    for (const auto& [id, payment] : payments_) CO_TRY_VOID(co_await judge_whole(id));
    co_return Result<void>{};
  }

  Task<Result<void>> judge_whole(OrderId id) {
    CO_TRY(const auto loaded, co_await load(id));
    ++report_.orders.checked;
    ++report_.money.checked;
    const turn::OrderCase& state = loaded.state;
    if (!state.order.exists()) {
      report_.orders.faults.add(fmt::format("order {} has rows and no events", to_string(id)));
      co_return Result<void>{};
    }
    judge_case(report_, state, loaded.created_at + settings_.late_after < sources_.clock.now());
    CO_TRY_VOID(co_await judge_held(report_.stock, sources_.store, state, deadline_));
    if (!ledger_) co_return Result<void>{};
    if (state.payment.captured())
      CO_TRY_VOID(co_await ledger_->match_charge(state.order.saga, state.payment.amount,
                                                 state.payment.external_transaction_id, deadline_));
    co_return co_await ledger_->match_refunds(state, deadline_);
  }

  /// The order's whole story as of one position: its streams are read one after another while the log may grow.
  Task<Result<lanes::LoadedCase>> load(OrderId id) {
    CO_TRY(const auto positions, co_await sources_.store.last_positions(deadline_));
    const ShardId shard = shard_of(id.value, static_cast<std::uint16_t>(positions.size()));
    co_return co_await lanes::load_case(sources_.store, id, deadline_, positions[shard.value]);
  }

  Task<Result<turn::OrderCase>> load_by_saga(SagaId saga) {
    CO_TRY(const auto first, co_await sources_.store.read_stream(stream_of(saga), StreamVersion{0}, 1, deadline_));
    if (first.empty()) co_return turn::OrderCase{};
    CO_TRY(auto loaded, co_await load(first.front().correlation));
    co_return std::move(loaded.state);
  }

  const VerifySources& sources_;
  const VerifySettings& settings_;
  const Deadline deadline_;
  VerifyReport report_;
  std::optional<LedgerCheck> ledger_;
  Seen seen_;
  std::unordered_map<OrderId, OrderRow> orders_;      ///< met without their payment so far
  std::unordered_map<OrderId, PaymentRow> payments_;  ///< met without their order so far
};

}  // namespace

Task<Result<VerifyReport>> Verifier::run(std::function<void(std::int64_t)> progress, Deadline deadline) {
  Run run(sources_, settings_, deadline);
  co_return co_await run.run(std::move(progress));
}

}  // namespace edda::maintenance
