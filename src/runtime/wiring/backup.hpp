#pragma once

#include <optional>
#include <string>

#include "maintenance/task_registry.hpp"
#include "wiring/storage.hpp"

namespace edda::wiring {

/// Copies the store, while it is served, into a folder of its own (sqlite.backups, named by the time), with the simulator's ledger: what a
/// data folder needs, all of one moment. Gives the API's BackupResult as JSON.
/// Errors: already_exists, unavailable (no room, say), corrupt; nothing is left then.
Task<Result<std::string>> back_up(Foundation& base, Storage& storage, maintenance::Progress progress);

/// When the newest of the copies was begun that lie where `back_up` puts them; nullopt: there is none, or the folder cannot be read.
std::optional<Timestamp> newest_backup(const config::Config& config);

}  // namespace edda::wiring
