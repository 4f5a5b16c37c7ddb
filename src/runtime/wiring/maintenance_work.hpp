#pragma once

#include <string>

#include "gateway/ledger.hpp"
#include "maintenance/task_registry.hpp"
#include "wiring/storage.hpp"

/// The long tasks that the API starts, each giving its report as JSON. Errors: those of the store.
namespace edda::wiring {

Task<Result<std::string>> rebuild(Foundation& base, Storage& storage, maintenance::Progress progress);
/// `ledger`: of the simulator; null where the gateway keeps its own.
Task<Result<std::string>> verify(Foundation& base, Storage& storage, gateway::Ledger* ledger, maintenance::Progress progress);
Task<Result<std::string>> check_sagas(Foundation& base, Storage& storage, maintenance::Progress progress);

}  // namespace edda::wiring
