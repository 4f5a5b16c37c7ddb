#include "maintenance/saga_check.hpp"

#include <fmt/format.h>

#include "base/json_writer.hpp"
#include "lanes/case_loader.hpp"
#include "queries/row_reader.hpp"
#include "saga/definitions.hpp"

namespace edda::maintenance {
namespace {

constexpr std::size_t lost_shown_max = 100;

/// R18: an open step, a timer, or parked, or paused.
bool has_a_next_move(const saga::State& saga) {
  return !saga.open.empty() || saga.stuck || saga.paused || saga::next_wakeup(saga).has_value();
}

/// Why it could not be carried on; empty if it could. Errors: the store's, which say nothing about the saga.
Task<Result<std::string>> why_lost(EventStore& store, const SagaRow& row, Deadline deadline) {
  if (saga::find_definition(row.definition, row.definition_version) == nullptr)
    co_return fmt::format("this release does not know {} version {}", row.definition, row.definition_version);
  auto loaded = co_await lanes::load_case(store, row.order, deadline);
  if (!loaded) {
    if (loaded.error().code != Errc::corrupt) co_return std::unexpected(loaded.error());
    co_return loaded.error().message;
  }
  const saga::State* saga = loaded->state.find_saga(row.id);
  if (saga == nullptr || !saga->exists()) co_return std::string("its order's story does not name it");
  if (saga->ended() || saga->version != row.version) co_return std::string();  // it went on meanwhile
  if (!has_a_next_move(*saga)) co_return std::string("nothing would ever move it: no open step, no timer, not parked");
  co_return std::string();
}

}  // namespace

Task<Result<SagaCheckReport>> check_sagas(EventStore& store, ReadModels& views, Clock& clock,
                                          std::function<void(std::int64_t done)> progress, Deadline deadline) {
  const SteadyTime begun = clock.steady_now();
  SagaFilter filter;
  filter.statuses = {SagaStatus::started, SagaStatus::compensating, SagaStatus::parked, SagaStatus::paused};
  ListWindow all;
  all.limit = SIZE_MAX;
  auto sagas = queries::read_sagas(views, std::move(filter), all, deadline);
  SagaCheckReport report;
  for (;;) {
    CO_TRY(const auto saga, co_await sagas.next());
    if (!saga) break;
    CO_TRY(auto reason, co_await why_lost(store, saga->row, deadline));
    progress(++report.checked);
    if (reason.empty()) continue;
    ++report.lost_total;
    if (report.lost.size() < lost_shown_max) {
      report.lost.push_back({saga->row.id, saga->row.order, saga->row.definition, saga->row.definition_version, std::move(reason)});
    }
  }
  report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(clock.steady_now() - begun);
  co_return report;
}

std::string to_json(const SagaCheckReport& report, std::string_view version) {
  JsonWriter json;
  json.begin_object().field("ok", report.ok()).field("version", version).field("checked", report.checked);
  json.field("lost_total", report.lost_total).key("lost").begin_array();
  for (const LostSaga& lost : report.lost) {
    json.begin_object()
        .field("id", lost.id)
        .field("order_id", lost.order)
        .field("definition", lost.definition)
        .field("definition_version", lost.definition_version)
        .field("reason", lost.reason)
        .end_object();
  }
  json.end_array().field("duration_ms", static_cast<std::int64_t>(report.duration.count())).end_object();
  return json.take();
}

}  // namespace edda::maintenance
