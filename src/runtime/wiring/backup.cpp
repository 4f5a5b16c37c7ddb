#include "wiring/backup.hpp"

#include <fmt/chrono.h>

#include "base/json_writer.hpp"
#include "wiring/charging.hpp"

namespace edda::wiring {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours limit{6};

fs::path place_of(const config::Config& config, Timestamp at) {
  const fs::path data = config.server.data;
  const fs::path backups = config.sqlite.backups.empty() ? data / "backups" : fs::path(config.sqlite.backups);
  // Two may be made within a second.
  const auto second = std::chrono::floor<std::chrono::seconds>(at);
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(at - second);
  return fs::absolute(backups / fmt::format("edda-{:%Y%m%dT%H%M%S}.{:03}Z", second, ms.count()));
}

std::string to_json(const fs::path& folder, std::int64_t bytes, std::chrono::milliseconds duration) {
  JsonWriter json;
  json.begin_object()
      .field("folder", folder.native())
      .field("store_bytes", bytes)
      .field("duration_ms", static_cast<std::int64_t>(duration.count()))
      .end_object();
  return json.take();
}

}  // namespace

Task<Result<std::string>> back_up(Foundation& base, Storage& storage, maintenance::Progress progress) {
  const auto begin = base.clock.steady_now();
  const fs::path data = base.config().server.data;
  const fs::path place = place_of(base.config(), base.clock.now());
  // A charge is asked for when its request is committed: while nobody commits, the ledger holds no charge that the copy does not know of.
  CO_TRY(const std::int64_t bytes, co_await storage.copy_store(place, {data / ledger_name, data / note_name}, std::move(progress),
                                                               base.clock.deadline_in(limit)));
  co_return to_json(place, bytes, std::chrono::duration_cast<std::chrono::milliseconds>(base.clock.steady_now() - begin));
}

}  // namespace edda::wiring
