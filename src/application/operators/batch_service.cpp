#include "operators/batch_service.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/json_writer.hpp"
#include "queries/row_reader.hpp"

namespace edda::operators {
namespace {

constexpr std::chrono::milliseconds act_deadline{10'000};
constexpr std::chrono::seconds pause_when_busy{1};
constexpr int tries_when_busy = 5;
constexpr int failures_in_a_row_max = 10;  // then the store is down, not a saga odd

std::string details_of(const BatchStatus& status) {
  JsonWriter json;
  json.begin_object()
      .field("action", saga::to_string(status.action))
      .field("matching", status.matching)
      .field("selected", status.selected)
      .end_object();
  return json.take();
}

bool is_refusal(Errc code) {
  return code == Errc::rejected || code == Errc::version_conflict || code == Errc::not_found;
}

void tally(BatchStatus& status, SagaId saga, const Result<Acted>& acted) {
  ++status.processed;
  if (acted) {
    ++status.done;
    return;
  }
  const Error& error = acted.error();
  const std::string code(to_string(error.code));
  const std::string reason = is_refusal(error.code) && !error.reason.empty() ? error.reason : code;
  ++(is_refusal(error.code) ? status.refused : status.failed)[reason];
  if (status.examples.size() < batch_examples_max) status.examples.push_back({saga, reason});
}

}  // namespace

struct BatchService::Entry {
  BatchStatus status;
  BatchOrder order;
  accounts::Actor actor;
  std::optional<orders::ClientKey> key;
  std::vector<Target> targets;
  bool cancelled = false;
};

std::string_view to_string(BatchState state) {
  switch (state) {
    case BatchState::running: return "running";
    case BatchState::completed: return "completed";
    case BatchState::cancelled: return "cancelled";
    case BatchState::failed: return "failed";
  }
  return "failed";
}

BatchService::BatchService(boost::asio::any_io_executor executor, OperatorService& operators, ReadModels& views,
                           accounts::AccountService& accounts, Clock& clock, Random& random)
    : operators_(operators), views_(views), accounts_(accounts), clock_(clock), random_(random), group_(std::move(executor)) {}

BatchService::~BatchService() = default;

Task<Result<BatchPreview>> BatchService::preview(BatchOrder order, Deadline deadline) {
  CO_TRY(auto selection, co_await select(order, deadline));
  co_return BatchPreview{selection.matching, selection.targets.size(), std::move(selection.first)};
}

Task<Result<BatchService::Selection>> BatchService::select(const BatchOrder& order, Deadline deadline) {
  if (const auto* ids = std::get_if<std::vector<SagaId>>(&order.sagas))
    co_return co_await select_named(*ids, order.limit, deadline);
  co_return co_await select_matching(std::get<SagaFilter>(order.sagas), order.limit, deadline);
}

Task<Result<BatchService::Selection>> BatchService::select_matching(SagaFilter filter, std::size_t limit,
                                                                    Deadline deadline) {
  if (filter.statuses.empty())
    filter.statuses = {SagaStatus::started, SagaStatus::compensating, SagaStatus::parked, SagaStatus::paused};
  ListWindow window;
  window.limit = std::min(limit, batch_sagas_max);
  window.want_total = true;
  auto sagas = queries::read_sagas(views_, std::move(filter), window, deadline);
  Selection selection;
  CO_TRY(selection.matching, co_await sagas.total());
  for (;;) {
    CO_TRY(auto saga, co_await sagas.next());
    if (!saga) co_return selection;
    selection.targets.push_back({saga->row.id, saga->row.order, saga->row.version});
    if (selection.first.size() < batch_preview_max) selection.first.push_back(std::move(*saga));
  }
}

Task<Result<BatchService::Selection>> BatchService::select_named(const std::vector<SagaId>& ids, std::size_t limit,
                                                                 Deadline deadline) {
  Selection selection;
  for (const SagaId id : std::set<SagaId>(ids.begin(), ids.end())) {
    CO_TRY(auto saga, co_await views_.find_saga(id, deadline));
    if (!saga) continue;
    ++selection.matching;
    if (selection.targets.size() >= limit) continue;
    selection.targets.push_back({id, saga->row.order, saga->row.version});
    if (selection.first.size() < batch_preview_max) selection.first.push_back(std::move(*saga));
  }
  co_return selection;
}

/// The batch that was started under this key; nullptr if none.
Result<std::shared_ptr<BatchService::Entry>> BatchService::known(const std::optional<orders::ClientKey>& key) const {
  if (!key) return nullptr;
  for (const auto& entry : entries_) {
    if (!entry->key || entry->key->principal != key->principal || entry->key->key != key->key) continue;
    if (entry->key->fingerprint == key->fingerprint) return entry;
    return fail(Errc::already_exists, "this idempotency key was used for another request; take a new key", {},
                "idempotency_key_reused");
  }
  return nullptr;
}

std::shared_ptr<BatchService::Entry> BatchService::new_entry(BatchOrder order, Selection selection, accounts::Actor actor) {
  auto entry = std::make_shared<Entry>();
  BatchStatus& status = entry->status;
  status.created_at = status.updated_at = clock_.now();
  status.id = BatchId{random_.uuid_v7(status.created_at)};
  status.action = order.act.action;
  status.by = actor.user;
  status.reason = actor.reason;
  status.rate = order.rate;
  status.matching = selection.matching;
  status.selected = static_cast<std::int64_t>(selection.targets.size());
  entry->order = std::move(order);
  entry->order.act.batch = to_string(status.id);
  entry->actor = std::move(actor);
  entry->targets = std::move(selection.targets);
  return entry;
}

Task<Result<BatchService::Started>> BatchService::start(BatchOrder order, std::int64_t expected_count,
                                                        accounts::Actor actor, std::optional<orders::ClientKey> key,
                                                        Deadline deadline) {
  CO_TRY(const auto before, known(key));
  if (before) co_return Started{before->status, true};
  CO_TRY(auto selection, co_await select(order, deadline));
  CO_TRY(const auto meanwhile, known(key));
  if (meanwhile) co_return Started{meanwhile->status, true};
  if (selection.matching != expected_count) {
    co_return fail(Errc::rejected, fmt::format("{} sagas match, not {}.", selection.matching, expected_count), "/expected_count",
                   "count_differs");
  }
  if (selection.targets.empty()) co_return fail(Errc::rejected, "No saga matches.", {}, "nothing_matches");
  if (!has_room()) co_return fail(Errc::overloaded, "Too many batches run; wait for one to end.", {}, "too_many_batches");
  const auto entry = new_entry(std::move(order), std::move(selection), std::move(actor));
  entry->key = std::move(key);
  entries_.push_back(entry);
  forget_the_oldest();
  // Written first: no batch acts without a trace of who started it.
  const auto recorded = co_await accounts_.record(entry->actor, "batch.started", to_string(entry->status.id),
                                                  details_of(entry->status), deadline);
  if (!recorded || !group_.spawn(run(entry))) {
    std::erase(entries_, entry);
    if (!recorded) co_return std::unexpected(recorded.error());
    co_return fail(Errc::unavailable, "The server is stopping.");
  }
  co_return Started{entry->status, false};
}

Task<void> BatchService::run(std::shared_ptr<Entry> entry) {
  BatchStatus& status = entry->status;
  const auto interval = std::chrono::duration_cast<SteadyTime::duration>(std::chrono::seconds(1)) / entry->order.rate;
  SteadyTime next = clock_.steady_now();
  int failures_in_a_row = 0;
  for (const Target& target : entry->targets) {
    co_await clock_.sleep_until(next);
    if (entry->cancelled || failures_in_a_row >= failures_in_a_row_max) break;
    next = std::max(next, clock_.steady_now()) + interval;
    const auto acted = co_await act_on(*entry, target);
    const bool trouble = !acted && !is_refusal(acted.error().code);
    failures_in_a_row = trouble ? failures_in_a_row + 1 : 0;
    if (trouble) status.error = acted.error().message;
    tally(status, target.saga, acted);
    status.updated_at = clock_.now();
  }
  const bool whole = status.processed == status.selected;
  status.state = whole ? BatchState::completed : entry->cancelled ? BatchState::cancelled : BatchState::failed;
  if (status.state != BatchState::failed) status.error.clear();
  status.updated_at = clock_.now();
  entry->targets = {};
}

/// Where the system is merely busy, waits a little and tries again.
Task<Result<Acted>> BatchService::act_on(const Entry& entry, const Target& target) {
  for (int tries = 1;; ++tries) {
    auto acted = co_await operators_.act(target, entry.order.act, entry.actor, std::nullopt, clock_.deadline_in(act_deadline));
    const bool busy = !acted && (acted.error().code == Errc::overloaded || acted.error().code == Errc::unavailable);
    if (!busy || entry.cancelled || tries >= tries_when_busy) co_return acted;
    co_await clock_.sleep_until(clock_.steady_now() + pause_when_busy);
  }
}

bool BatchService::has_room() const {
  const auto running = std::ranges::count(entries_, BatchState::running, [](const auto& e) { return e->status.state; });
  return static_cast<std::size_t>(running) < batches_running_max;
}

void BatchService::forget_the_oldest() {
  if (entries_.size() <= batches_remembered_max) return;
  const auto ended = [](const auto& entry) { return entry->status.state != BatchState::running; };
  if (const auto oldest = std::ranges::find_if(entries_, ended); oldest != entries_.end()) entries_.erase(oldest);
}

std::shared_ptr<BatchService::Entry> BatchService::entry_of(BatchId id) const {
  const auto found = std::ranges::find(entries_, id, [](const auto& entry) { return entry->status.id; });
  return found == entries_.end() ? nullptr : *found;
}

std::optional<BatchStatus> BatchService::find(BatchId id) const {
  const auto entry = entry_of(id);
  return entry ? std::optional(entry->status) : std::nullopt;
}

std::vector<BatchStatus> BatchService::list() const {
  std::vector<BatchStatus> all;
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) all.push_back((*entry)->status);
  return all;
}

Task<Result<BatchStatus>> BatchService::cancel(BatchId id, accounts::Actor actor, Deadline deadline) {
  const auto entry = entry_of(id);
  if (!entry) co_return fail(Errc::not_found, "There is no such batch.");
  if (entry->cancelled) co_return entry->status;
  if (entry->status.state != BatchState::running)
    co_return fail(Errc::rejected, "The batch has ended.", {}, "batch_ended");
  entry->cancelled = true;
  CO_TRY_VOID(co_await accounts_.record(std::move(actor), "batch.cancelled", to_string(id), {}, deadline));
  co_return entry->status;
}

Task<void> BatchService::stop() {
  group_.close();
  group_.cancel();
  co_await group_.join();
}

}  // namespace edda::operators
