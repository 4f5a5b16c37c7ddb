#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace edda::testing_support {

struct PostgresOptions {
  /// Off for speed. A killed process loses nothing by it: only a dead machine would.
  bool fsync = false;
  bool standbys = false;                   ///< its log is one that standbys can be made from
  std::vector<std::string> settings = {};  ///< of postgresql.conf: "lock_timeout=100"
  std::string access = {};                 ///< pg_hba.conf; empty: everybody on this machine is let in
};

using SqlRows = std::vector<std::vector<std::string>>;

/// A PostgreSQL of our own: a cluster in a temporary folder, listening on a free port of the loopback and on a socket in that folder, run
/// by an unprivileged user also when the tests are root's. What Debian installs is used, the cluster that Debian creates is not touched.
/// It ends with this object, and also when the test process is killed: a watchdog sees that nobody holds its pipe any more.
/// Anything that cannot be done throws std::runtime_error with the server's last words.
class PostgresServer {
 public:
  /// The server of this test process, started by the first who asks.
  static PostgresServer& shared();

  explicit PostgresServer(PostgresOptions options = {});
  PostgresServer(const PostgresServer&) = delete;
  ~PostgresServer();

  const std::string& folder() const { return folder_; }  ///< also where its socket is
  std::uint16_t port() const { return port_; }
  /// host, port, user and database as libpq takes them.
  std::string address(const std::string& database) const;

  /// Runs statements on a connection of their own; the rows of the last one as text (NULL: "").
  SqlRows sql(const std::string& database, const std::string& statements) const;

  /// The database of that name, made by the first who asks: `prepare` fills it and leaves no connection behind. To be copied from.
  const std::string& template_database(const std::string& name, const std::function<void(const std::string& address)>& prepare);

  // Faults. Connections see what they would see on a real one.
  void kill();     ///< kill -9 of the server and of all its processes
  void start();    ///< after kill() or stop(); returns when it answers
  void stop();     ///< in order, connections are ended
  void restart();  ///< stop() and start()
  /// The standby begins as the server is now. It gets nothing of what comes later: that is the tail a fail-over loses.
  void make_standby();
  /// After kill(): the standby is what answers under the same address. It can be read only, until promote() returns.
  void start_standby();
  void promote();
  void pause();    ///< SIGSTOP of all its processes
  void resume();

 private:
  std::vector<std::string> arguments() const;
  void start_watchdog();
  void run(const std::vector<std::string>& command) const;
  bool try_start();
  void signal_all(int signal) const;
  std::string last_words() const;

  PostgresOptions options_;
  std::string folder_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
  pid_t watchdog_ = -1;
  int watchdog_pipe_ = -1;
  std::mutex templates_mutex_;
  std::map<std::string, std::string> templates_;
};

/// A fresh database, gone with this object.
class PostgresDatabase {
 public:
  explicit PostgresDatabase(PostgresServer& server = PostgresServer::shared(), const std::string& copy_of = "template0");
  PostgresDatabase(const PostgresDatabase&) = delete;
  ~PostgresDatabase();

  PostgresServer& server() const { return server_; }
  const std::string& name() const { return name_; }
  std::string address() const { return server_.address(name_); }
  SqlRows sql(const std::string& statements) const { return server_.sql(name_, statements); }

 private:
  PostgresServer& server_;
  std::string name_;
};

/// One connection that a test holds, by hand: to keep a transaction open while others run.
class PostgresSession {
 public:
  explicit PostgresSession(const PostgresDatabase& database);
  PostgresSession(const PostgresSession&) = delete;
  ~PostgresSession();

  SqlRows sql(const std::string& statements);

 private:
  struct Link;
  std::unique_ptr<Link> link_;
};

/// Returns when so many statements of the database's other sessions wait for a lock.
void wait_for_lock_waits(const PostgresDatabase& database, int count);

}  // namespace edda::testing_support
