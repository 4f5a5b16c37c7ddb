#include "wiring/backup.hpp"

#include <fmt/chrono.h>

#include <algorithm>
#include <cstdio>

#include "base/json_writer.hpp"
#include "wiring/charging.hpp"

namespace edda::wiring {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours backup_deadline{6};

fs::path backups_of(const config::Config& config) {
  return config.sqlite.backups.empty() ? fs::path(config.server.data) / "backups" : fs::path(config.sqlite.backups);
}

fs::path place_of(const config::Config& config, Timestamp at) {
  // Two may be made within a second.
  const auto second = std::chrono::floor<std::chrono::seconds>(at);
  const auto ms = std::chrono::floor<std::chrono::milliseconds>(at - second);
  return fs::absolute(backups_of(config) / fmt::format("edda-{:%Y%m%dT%H%M%S}.{:03}Z", second, ms.count()));
}

/// What place_of wrote; nullopt: the name is of something else, or of a copy in the making.
std::optional<Timestamp> time_in(const std::string& name) {
  int year = 0;
  unsigned month = 0, day = 0;
  int hour = 0, minute = 0, second = 0, ms = 0, read = 0;
  constexpr int fields = 7;
  if (std::sscanf(name.c_str(), "edda-%4d%2u%2uT%2d%2d%2d.%3dZ%n", &year, &month, &day, &hour, &minute, &second, &ms, &read) != fields ||
      static_cast<std::size_t>(read) != name.size())
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  return Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) + std::chrono::seconds(second) +
         std::chrono::milliseconds(ms);
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

std::optional<Timestamp> newest_backup(const config::Config& config) {
  std::optional<Timestamp> newest;
  std::error_code failed;
  for (fs::directory_iterator entry(backups_of(config), failed), end; !failed && entry != end; entry.increment(failed))
    newest = std::max(newest, time_in(entry->path().filename().native()));
  return newest;
}

Task<Result<std::string>> back_up(Foundation& base, Storage& storage, maintenance::Progress progress) {
  const auto begin = base.clock.steady_now();
  const fs::path data = base.config().server.data;
  const fs::path place = place_of(base.config(), base.clock.now());
  // A charge is asked for when its request is committed: while nobody commits, the ledger holds no charge that the copy does not know of.
  CO_TRY(const std::int64_t bytes, co_await storage.copy_store(place, {data / ledger_name, data / note_name}, std::move(progress),
                                                               base.clock.deadline_in(backup_deadline)));
  co_return to_json(place, bytes, std::chrono::duration_cast<std::chrono::milliseconds>(base.clock.steady_now() - begin));
}

}  // namespace edda::wiring
