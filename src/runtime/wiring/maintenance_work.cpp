#include "wiring/maintenance_work.hpp"

#include "maintenance/rebuild.hpp"
#include "maintenance/saga_check.hpp"
#include "maintenance/verify.hpp"

namespace edda::wiring {
namespace {

constexpr std::chrono::milliseconds work_deadline = std::chrono::hours(6);

}  // namespace

Task<Result<std::string>> rebuild(Foundation& base, Storage& storage, maintenance::Progress progress) {
  CO_TRY(const auto rebuilt, co_await maintenance::rebuild_views(storage.rebuild, base.clock, std::move(progress),
                                                                 base.clock.deadline_in(work_deadline)));
  co_return maintenance::to_json(rebuilt);
}

Task<Result<std::string>> verify(Foundation& base, Storage& storage, gateway::Ledger* ledger, maintenance::Progress progress) {
  maintenance::Verifier verifier({storage.events, storage.views, storage.rebuild, storage.check, ledger, base.clock});
  CO_TRY(const auto report, co_await verifier.run(std::move(progress), base.clock.deadline_in(work_deadline)));
  co_return maintenance::to_json(report);
}

Task<Result<std::string>> check_sagas(Foundation& base, Storage& storage, maintenance::Progress progress) {
  CO_TRY(const auto report, co_await maintenance::check_sagas(storage.events, storage.views, base.clock, std::move(progress),
                                                              base.clock.deadline_in(work_deadline)));
  co_return maintenance::to_json(report, EDDA_VERSION);
}

}  // namespace edda::wiring
