#include "support/postgres_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

#include "support/free_port.hpp"

namespace edda::testing_support {
namespace {

using std::chrono::steady_clock;

// A loaded machine needs its time; nobody waits for this unless something is wrong.
constexpr std::chrono::seconds patience{60};
// At another process, which tells nobody when it is there or waits for a lock.
constexpr std::chrono::milliseconds between_looks{10};

// Ends what the folder's server left and removes the folder, as soon as its standard input ends: the test process holds the other end.
constexpr const char* watchdog_script = R"(
cat >/dev/null
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
runs() { tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF "$1/data"; }
if [ -n "$pid" ] && runs "$1"; then
  kill -QUIT "$pid"
  kill -CONT "$pid" $(cat "/proc/$pid/task/$pid/children")
  while runs "$1"; do sleep 0.02; done
fi
rm -rf "$1"
)";

struct Account {
  uid_t user = 0;
  gid_t group = 0;
};

// PostgreSQL refuses to be run by root.
std::optional<Account> unprivileged() {
  if (::geteuid() != 0) return std::nullopt;
  for (const char* name : {"postgres", "nobody"}) {
    if (const passwd* entry = ::getpwnam(name)) return Account{entry->pw_uid, entry->pw_gid};
  }
  throw std::runtime_error("no unprivileged user is there to run PostgreSQL");
}

std::string program(const std::string& name) {
  std::filesystem::path newest;
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql")) {
    const auto path = version.path() / "bin" / name;
    if (std::filesystem::exists(path) && path > newest) newest = path;
  }
  if (newest.empty()) throw std::runtime_error("PostgreSQL is not installed: apt-get install postgresql-15");
  return newest;
}

/// Starts a program; its output goes to `log`, its input comes from `input`.
pid_t spawn(const std::vector<std::string>& command, const std::optional<Account>& as, const std::string& log, int input) {
  std::vector<char*> arguments;
  for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("cannot fork");
  if (child > 0) return child;
  // Only what is safe between fork and exec. A session of its own: a Ctrl-C at the terminal is for the tests.
  ::setsid();
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  ::dup2(input, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  if (as && (::setgroups(0, nullptr) != 0 || ::setgid(as->group) != 0 || ::setuid(as->user) != 0)) ::_exit(126);
  if (::chdir("/") != 0) ::_exit(126);
  ::execv(arguments.front(), arguments.data());
  ::_exit(127);
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void append(const std::string& path, const std::string& text) {
  if (!(std::ofstream(path, std::ios::app) << text).flush()) throw std::runtime_error("cannot write " + path);
}

std::vector<pid_t> children_of(pid_t parent) {
  std::ifstream file(fmt::format("/proc/{0}/task/{0}/children", parent));
  return {std::istream_iterator<pid_t>(file), {}};
}

using Link = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

Link connect(const std::string& address) {
  Link link(PQconnectdb(address.c_str()), &PQfinish);
  if (PQstatus(link.get()) != CONNECTION_OK) throw std::runtime_error(PQerrorMessage(link.get()));
  return link;
}

SqlRows rows_of(const Link& link, const std::string& statements) {
  const Answer answer(PQexec(link.get(), statements.c_str()), &PQclear);
  const auto status = PQresultStatus(answer.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(link.get()));
  SqlRows rows;
  for (int row = 0; row < PQntuples(answer.get()); ++row) {
    auto& cells = rows.emplace_back();
    for (int column = 0; column < PQnfields(answer.get()); ++column) cells.emplace_back(PQgetvalue(answer.get(), row, column));
  }
  return rows;
}

}  // namespace

PostgresServer& PostgresServer::shared() {
  static PostgresServer server;
  return server;
}

PostgresServer::PostgresServer(PostgresOptions options) : options_(std::move(options)) {
  std::string name = (std::filesystem::temp_directory_path() / "edda-postgres-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder can be made");
  folder_ = name;
  start_watchdog();
  const auto account = unprivileged();
  if (account && ::chown(folder_.c_str(), account->user, account->group) != 0) throw std::runtime_error("cannot chown");
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  const pid_t init = spawn({program("initdb"), "--pgdata=" + folder_ + "/data", "--username=edda", "--auth=trust", "--no-sync",
                            "--encoding=UTF8", "--locale=C", "--no-instructions"},
                           account, folder_ + "/log", null);
  const int status = wait_for(init);
  ::close(null);
  if (status != 0) throw std::runtime_error("initdb failed: " + last_words());
  if (!options_.access.empty()) {
    const std::string path = folder_ + "/data/pg_hba.conf";
    std::filesystem::resize_file(path, 0);
    append(path, options_.access);
  }
  start();
}

// The watchdog does the same work in a test process that ends well and in one that is killed.
PostgresServer::~PostgresServer() {
  ::close(watchdog_pipe_);
  if (process_ > 0) wait_for(process_);
  wait_for(watchdog_);
}

void PostgresServer::start_watchdog() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe can be made");
  watchdog_pipe_ = ends[1];
  watchdog_ = spawn({"/bin/sh", "-c", watchdog_script, "watchdog", folder_}, std::nullopt, "/dev/null", ends[0]);
  ::close(ends[0]);
}

std::string PostgresServer::address(const std::string& database) const {
  return fmt::format("host=127.0.0.1 port={} user=edda dbname={}", port_, database);
}

SqlRows PostgresServer::sql(const std::string& database, const std::string& statements) const {
  // By the socket: also where the access rules let nobody in by the network.
  const std::string address = fmt::format("host={} port={} user=edda dbname={}", folder_, port_, database);
  return rows_of(connect(address), statements);
}

const std::string& PostgresServer::template_database(const std::string& name,
                                                     const std::function<void(const std::string&)>& prepare) {
  const std::lock_guard lock(templates_mutex_);
  if (const auto found = templates_.find(name); found != templates_.end()) return found->second;
  sql("postgres", fmt::format("CREATE DATABASE {} TEMPLATE template0", name));
  prepare(address(name));
  return templates_.emplace(name, name).first->second;
}

std::vector<std::string> PostgresServer::arguments() const {
  std::vector<std::string> command{program("postgres"), "-D", folder_ + "/data", "-p", std::to_string(port_), "-k", folder_};
  std::vector<std::string> settings{"listen_addresses=127.0.0.1", "shared_buffers=32MB", "max_connections=100",
                                    "autovacuum=off"};
  if (options_.standbys) settings.insert(settings.end(), {"wal_level=replica", "max_wal_senders=4"});
  else settings.insert(settings.end(), {"wal_level=minimal", "max_wal_senders=0"});
  if (!options_.fsync) settings.insert(settings.end(), {"fsync=off", "full_page_writes=off"});
  settings.insert(settings.end(), options_.settings.begin(), options_.settings.end());
  for (const std::string& setting : settings) command.insert(command.end(), {"-c", setting});
  return command;
}

// The port is free when it is chosen; somebody else may be quicker to take it.
void PostgresServer::start() {
  const bool first = port_ == 0;
  for (int tries = 0; tries < 5; ++tries) {
    if (first) port_ = free_port();
    if (try_start()) return;
  }
  throw std::runtime_error("PostgreSQL does not start: " + last_words());
}

bool PostgresServer::try_start() {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  process_ = spawn(arguments(), unprivileged(), folder_ + "/log", null);
  ::close(null);
  const std::string where = fmt::format("host={} port={}", folder_, port_);
  for (const auto end = steady_clock::now() + patience; steady_clock::now() < end;) {
    if (PQping(where.c_str()) == PQPING_OK) return true;
    int status = 0;
    if (::waitpid(process_, &status, WNOHANG) == process_) {
      process_ = -1;
      return false;
    }
    std::this_thread::sleep_for(between_looks);
  }
  throw std::runtime_error("PostgreSQL does not answer: " + last_words());
}

// Its last words are at the end of the log.
std::string PostgresServer::last_words() const {
  const std::string log = text_of(folder_ + "/log");
  return log.substr(log.size() - std::min<std::size_t>(log.size(), 2000));
}

// The server first: then it makes no more processes.
void PostgresServer::signal_all(int signal) const {
  if (process_ <= 0) throw std::runtime_error("PostgreSQL is not running");
  const auto before = children_of(process_);
  ::kill(process_, signal);
  for (const pid_t child : before) ::kill(child, signal);
  for (const pid_t child : children_of(process_)) ::kill(child, signal);
}

void PostgresServer::kill() {
  // Stopped first, so that nothing is born between the looks.
  signal_all(SIGSTOP);
  signal_all(SIGKILL);
  wait_for(process_);
  process_ = -1;
}

void PostgresServer::stop() {
  if (process_ <= 0) return;
  ::kill(process_, SIGINT);
  wait_for(process_);
  process_ = -1;
}

void PostgresServer::restart() {
  stop();
  start();
}

void PostgresServer::run(const std::vector<std::string>& command) const {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  const pid_t child = spawn(command, unprivileged(), folder_ + "/log", null);
  const int status = wait_for(child);
  ::close(null);
  if (status != 0) throw std::runtime_error(command.front() + " failed: " + last_words());
}

void PostgresServer::make_standby() {
  run({program("pg_basebackup"), "--host=" + folder_, "--port=" + std::to_string(port_), "--username=edda",
       "--pgdata=" + folder_ + "/standby", "--checkpoint=fast", "--no-sync"});
  append(folder_ + "/standby/standby.signal", "");
}

// In the first one's place: so the watchdog finds it, too.
void PostgresServer::start_standby() {
  std::filesystem::rename(folder_ + "/data", folder_ + "/lost");
  std::filesystem::rename(folder_ + "/standby", folder_ + "/data");
  start();
}

void PostgresServer::promote() { run({program("pg_ctl"), "promote", "--wait", "--pgdata=" + folder_ + "/data"}); }

void PostgresServer::pause() { signal_all(SIGSTOP); }
void PostgresServer::resume() { signal_all(SIGCONT); }

PostgresDatabase::PostgresDatabase(PostgresServer& server, const std::string& copy_of) : server_(server) {
  static std::atomic<int> count{0};
  name_ = fmt::format("test_{}", ++count);
  server_.sql("postgres", fmt::format("CREATE DATABASE {} TEMPLATE {}", name_, copy_of));
}

PostgresDatabase::~PostgresDatabase() {
  try {
    server_.sql("postgres", fmt::format("DROP DATABASE {} WITH (FORCE)", name_));
  } catch (const std::exception&) {
    // A test may have ended its server; the folder goes with it.
  }
}

struct PostgresSession::Link {
  testing_support::Link link;
};

PostgresSession::PostgresSession(const PostgresDatabase& database)
    : link_(std::make_unique<Link>(testing_support::connect(database.address()))) {}
PostgresSession::~PostgresSession() = default;

SqlRows PostgresSession::sql(const std::string& statements) { return rows_of(link_->link, statements); }

void wait_for_lock_waits(const PostgresDatabase& database, int count) {
  for (const auto end = steady_clock::now() + patience; steady_clock::now() < end;) {
    const auto waiting = database.sql(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");
    if (std::stoi(waiting.front().front()) >= count) return;
    std::this_thread::sleep_for(between_looks);
  }
  throw std::runtime_error("nobody waits for a lock");
}

}  // namespace edda::testing_support
