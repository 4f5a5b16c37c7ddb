#include "cli/doctor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <sqlite3.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <thread>

#include "cli/http_client.hpp"
#include "config/server_file.hpp"

namespace edda::cli {
namespace {

namespace fs = std::filesystem;
using State = Finding::State;

constexpr std::uint64_t mebi = 1024ULL * 1024;
constexpr std::uint64_t free_bytes_min = 200 * mebi;
constexpr std::uint64_t free_bytes_good = 1024 * mebi;
constexpr rlim_t open_files_reserve = 256;
constexpr int sqlite_version_min = 3040000;
// Nobody runs this before it was written, and a clock that far ahead would mark every event with it.
constexpr std::int64_t clock_least = 1'735'689'600;  // 2025-01-01
constexpr std::int64_t clock_most = 4'102'444'800;   // 2100-01-01

std::string mebibytes(std::uint64_t bytes) { return fmt::format("{} MiB", bytes / mebi); }

/// The folder itself, or the nearest one above it that exists.
fs::path existing(fs::path path) {
  std::error_code ignored;
  path = fs::absolute(path, ignored);
  while (!path.empty() && path != path.root_path() && !fs::exists(path, ignored)) path = path.parent_path();
  return path;
}

Finding folder(const fs::path& data) {
  std::error_code ignored;
  if (!fs::exists(data, ignored)) {
    const auto above = existing(data);
    if (access(above.c_str(), W_OK | X_OK) == 0) return {"data folder", State::well, fmt::format("{} will be made", data.string())};
    return {"data folder", State::wrong, fmt::format("{} cannot be made in {}", data.string(), above.string()),
            "choose another with --data, or change the owner"};
  }
  if (!fs::is_directory(data, ignored)) return {"data folder", State::wrong, data.string() + " is no folder", "choose another with --data"};
  const auto probe = data / fmt::format(".edda-doctor-{}", getpid());
  const int descriptor = open(probe.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return {"data folder", State::wrong, data.string() + " cannot be written to", fmt::format("chown it to this user, or choose another with --data")};
  }
  const bool durable = fsync(descriptor) == 0;
  close(descriptor);
  unlink(probe.c_str());
  struct stat status {};
  stat(data.c_str(), &status);
  if (!durable) return {"data folder", State::wrong, "its file system cannot fsync", "put the data on a local disk"};
  if ((status.st_mode & 0007U) != 0) {
    return {"data folder", State::warning, data.string() + " is open to every user", fmt::format("chmod o-rwx {}", data.string())};
  }
  return {"data folder", State::well, data.string()};
}

Finding disk_space(const fs::path& data) {
  struct statvfs status {};
  if (statvfs(existing(data).c_str(), &status) != 0) return {"disk space", State::warning, "cannot be asked", "check the disk"};
  const std::uint64_t bytes = status.f_bavail * status.f_frsize;
  if (bytes < free_bytes_min) return {"disk space", State::wrong, mebibytes(bytes) + " free", "free some; a store that cannot grow answers 503"};
  if (bytes < free_bytes_good) return {"disk space", State::warning, mebibytes(bytes) + " free", "that is about half a million orders; plan for more"};
  return {"disk space", State::well, mebibytes(bytes) + " free"};
}

Finding lock(const fs::path& data, bool& held) {
  const auto path = data / "edda.lock";
  const int descriptor = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return {"folder lock", State::well, "nobody holds it"};
  // The server locks with flock or fcntl; whichever it is, one of these sees it.
  struct flock range {};
  range.l_type = F_WRLCK;
  const bool by_range = fcntl(descriptor, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
  const bool by_file = flock(descriptor, LOCK_EX | LOCK_NB) != 0;
  held = by_range || by_file;
  close(descriptor);
  if (!held) return {"folder lock", State::well, "nobody holds it"};
  const auto server = config::read_server_file(data);
  const auto at = server ? fmt::format("held by the server at {} (process {})", server->url, server->process)
                         : std::string("held by another process");
  return {"folder lock", State::well, at};
}

std::string pragma(sqlite3* database, const char* sql) {
  std::string text;
  const auto take = [](void* into, int, char** values, char**) {
    if (values[0] != nullptr) *static_cast<std::string*>(into) = values[0];
    return 1;  // the first row says enough
  };
  const int code = sqlite3_exec(database, sql, take, &text, nullptr);
  return code == SQLITE_OK || code == SQLITE_ABORT ? text : sqlite3_errmsg(database);
}

Finding store(const fs::path& data, bool served) {
  if (sqlite3_libversion_number() < sqlite_version_min) {
    return {"sqlite", State::wrong, fmt::format("version {}", sqlite3_libversion()), "install 3.40 or later"};
  }
  const auto file = data / "edda.sqlite3";
  std::error_code ignored;
  const std::string version = fmt::format("SQLite {}", sqlite3_libversion());
  if (!fs::exists(file, ignored)) return {"store", State::well, version + ", no store yet"};
  // No other process opens a live file (design R5).
  if (served) return {"store", State::well, version + ", in use; 'edda verify' checks it through the server"};
  sqlite3* database = nullptr;
  const int opened = sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READONLY, nullptr);
  const std::string answer = opened == SQLITE_OK ? pragma(database, "PRAGMA quick_check(1)") : "cannot be opened";
  sqlite3_close(database);
  if (answer == "ok") return {"store", State::well, fmt::format("{}, {} is sound", version, file.filename().string())};
  return {"store", State::wrong, answer, "keep a copy of the data folder, then restore the last backup"};
}

Finding clock() {
  const auto now = std::chrono::system_clock::now();
  const auto steady = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const auto drift = (std::chrono::system_clock::now() - now) - (std::chrono::steady_clock::now() - steady);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  if (seconds < clock_least || seconds > clock_most) return {"clock", State::wrong, "the date is wrong", "set it: timedatectl set-ntp true"};
  if (std::chrono::abs(drift) > std::chrono::milliseconds(20)) {
    return {"clock", State::warning, "it was just set or runs at another speed", "check the time service: timedatectl"};
  }
  return {"clock", State::well, "runs evenly"};
}

Finding port(const config::Loaded& loaded, bool served) {
  const auto& server = loaded.config.server;
  const std::string name = fmt::format("port {}", server.port);
  if (server.port == 0) return {name, State::well, "a free one is taken"};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST;
  addrinfo* address = nullptr;
  if (getaddrinfo(server.host.c_str(), std::to_string(server.port).c_str(), &hints, &address) != 0) {
    return {name, State::wrong, fmt::format("{} is no address", server.host), "set server.host to 0.0.0.0, 127.0.0.1 or an address of this machine"};
  }
  const int descriptor = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  const bool free = bind(descriptor, address->ai_addr, address->ai_addrlen) == 0;
  close(descriptor);
  freeaddrinfo(address);
  if (free) return {name, State::well, "free"};
  if (served) return {name, State::well, "in use, as it seems by the server of this data folder"};
  return {name, State::wrong, "in use by another program", fmt::format("choose another with --port, or find it: ss -ltnp 'sport = :{}'", server.port)};
}

Finding configuration(const config::Loaded& loaded) {
  const auto refusals = config::refusals(loaded);
  if (!refusals.empty()) return {"settings", State::wrong, config::to_string(refusals.front()), "edda config show"};
  const auto cautions = config::cautions(loaded);
  if (!cautions.empty()) return {"settings", State::warning, cautions.front(), "edda config show"};
  return {"settings", State::well, loaded.file.empty() ? "no file; environment and defaults" : loaded.file};
}

Finding settings_file(const config::Loaded& loaded) {
  struct stat status {};
  const bool open_to_all = !loaded.file.empty() && stat(loaded.file.c_str(), &status) == 0 && (status.st_mode & 0004U) != 0;
  bool holds_secret = false;
  for (const auto* key : {"auth.jwt_secret", "auth.jwt_refresh_secret", "auth.admin_password", "database.password", "redis.password"}) {
    holds_secret = holds_secret || loaded.origin(key).starts_with("file ");
  }
  if (open_to_all && holds_secret) {
    return {"secrets", State::warning, loaded.file + " holds a secret and every user can read it", "chmod 600 " + loaded.file};
  }
  return {"secrets", State::well, loaded.config.auth.jwt_secret.empty() ? "made in the store" : "set"};
}

Finding open_files(const config::Loaded& loaded) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t wanted = loaded.config.http.connections_max + open_files_reserve;
  const std::string detail = fmt::format("{} (up to {})", limit.rlim_cur, limit.rlim_max);
  if (limit.rlim_max >= wanted) return {"open files", State::well, detail};
  return {"open files", State::warning, detail, fmt::format("raise it to {} (ulimit -n, LimitNOFILE=), or lower http.connections_max", wanted)};
}

}  // namespace

std::vector<Finding> examine(const config::Loaded& loaded) {
  const fs::path data = loaded.config.server.data;
  std::vector<Finding> findings{configuration(loaded), settings_file(loaded), folder(data), disk_space(data)};
  bool served = false;
  findings.push_back(lock(data, served));
  findings.push_back(store(data, served));
  findings.push_back(port(loaded, served));
  findings.push_back(clock());
  findings.push_back(open_files(loaded));
  return findings;
}

}  // namespace edda::cli
