#include "wiring/backup.hpp"

#include <fmt/chrono.h>

#include <filesystem>
#include <map>

#include "base/json_writer.hpp"
#include "wiring/charging.hpp"

namespace edda::wiring {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours limit{6};

/// A folder that goes unless it is kept.
class Draft {
 public:
  explicit Draft(fs::path place) : place_(std::move(place)), draft_(place_.native() + ".part") {}
  Draft(const Draft&) = delete;
  ~Draft() {
    std::error_code ignored;
    if (!kept_) fs::remove_all(draft_, ignored);
  }

  Result<void> make() {
    std::error_code failed;
    fs::create_directories(draft_, failed);
    // Users' data, and hashes of their passwords.
    if (!failed) fs::permissions(draft_, fs::perms::owner_all, failed);
    return told(failed);
  }
  /// The first bytes of a file that only grows.
  Result<void> add(const fs::path& file, std::uintmax_t bytes) {
    std::error_code failed;
    const fs::path copy = draft_ / file.filename();
    fs::copy_file(file, copy, failed);
    if (!failed) fs::resize_file(copy, bytes, failed);
    return told(failed);
  }
  Result<void> keep() {
    std::error_code failed;
    if (fs::exists(place_)) return fail(Errc::already_exists, place_.native() + " exists already");
    fs::rename(draft_, place_, failed);
    kept_ = !failed;
    return told(failed);
  }
  const fs::path& path() const { return draft_; }

 private:
  Result<void> told(const std::error_code& failed) const {
    if (!failed) return {};
    return fail(Errc::unavailable, fmt::format("The backup {} cannot be written: {}", place_.native(), failed.message()), "sqlite.backups");
  }

  const fs::path place_;
  const fs::path draft_;
  bool kept_ = false;
};

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
  Draft draft(place);
  CO_TRY_VOID(draft.make());
  // A charge is asked for when its request is committed: while nobody commits, the ledger holds no charge that the copy does not know of.
  std::map<fs::path, std::uintmax_t> others;
  const auto at_end = [&] {
    std::error_code missing;
    for (const char* name : charging_files)
      if (const auto bytes = fs::file_size(data / name, missing); !missing) others[data / name] = bytes;
  };
  CO_TRY(const std::int64_t bytes,
         co_await storage.copy_store(draft.path() / "edda.sqlite3", std::move(progress), at_end, base.clock.deadline_in(limit)));
  for (const auto& [file, size] : others) CO_TRY_VOID(draft.add(file, size));
  CO_TRY_VOID(draft.keep());
  co_return to_json(place, bytes, std::chrono::duration_cast<std::chrono::milliseconds>(base.clock.steady_now() - begin));
}

}  // namespace edda::wiring
