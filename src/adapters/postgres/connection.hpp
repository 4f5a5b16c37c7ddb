#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "ports/task.hpp"
#include "postgres/params.hpp"
#include "postgres/rows.hpp"

namespace edda::postgres {

struct ConnectOptions {
  /// libpq's conninfo or URI: host, port, dbname, user, password, sslmode, sslrootcert ... See conninfo().
  std::string address;
  std::string application_name = "edda";
  std::chrono::milliseconds connect_timeout{5'000};
  /// The server ends what takes longer, so that a node that stopped does not hold a shard's row (R5).
  std::chrono::milliseconds statement_timeout{15'000};
  std::chrono::milliseconds lock_timeout{5'000};
  std::chrono::milliseconds idle_in_transaction_timeout{10'000};
};

/// The address of a database in libpq's form, each part quoted.
std::string conninfo(std::string_view host, std::uint16_t port, std::string_view database, std::string_view user,
                     std::string_view password);

/// What is lost with an answer that does not come.
enum class Effect {
  read,   ///< nothing: unavailable
  write,  ///< it may have been done: outcome_unknown
};

/// One connection to a PostgreSQL server. Its statements see the schema `edda` and no other, wait for durable commits
/// (synchronous_commit = on) and are prepared once for each text.
///
/// Errors of a statement: already_exists (reason "store_unique", where: the constraint) and invalid_argument, both about the data;
/// unavailable (surely not done: deadlock, time out, refused connection); outcome_unknown (Effect::write and the answer is lost); corrupt;
/// internal (the server does not understand the statement). No text of an error holds data or a secret.
///
/// After an error that is about the connection, or a deadline that passed while an answer was awaited, the connection is of no use any
/// more: `usable()` tells. Thread-safety: none; everything runs on the executor it was opened on, one statement after the other.
class Connection {
 public:
  /// Runs on the caller's executor, which must run on one thread or be a strand.
  /// Errors: unavailable (reason "database_unreachable"; "database_not_ready"; "database_refuses" for what does not heal by itself,
  /// where: "user", "dbname" or "sslmode"), invalid_argument (reason "database_address"). `said`: the details, for a log.
  static Task<Result<std::unique_ptr<Connection>>> open(ConnectOptions options, Deadline deadline,
                                                        std::string* said = nullptr);

  Connection(const Connection&) = delete;
  ~Connection();

  /// One statement. Lifetime: `sql` and `params` stay until the answer.
  Task<Result<Rows>> query(std::string_view sql, const Params& params, Effect effect, Deadline deadline);
  Task<Result<Rows>> read(std::string_view sql, const Params& params, Deadline deadline) {
    return query(sql, params, Effect::read, deadline);
  }
  /// One or more statements without parameters; all of them one transaction unless they say otherwise.
  Task<Result<void>> execute(std::string statements, Effect effect, Deadline deadline);

  bool usable() const;
  /// The text of the query that ran last; empty before the first. Valid until the connection ends.
  std::string_view last_statement() const;
  /// False when the server has closed the connection, as far as can be told without asking it.
  bool still_there();
  bool in_transaction() const;

  /// Who is told of notifications (LISTEN), with their payload; they come with the answers of statements and while waiting.
  using OnNotice = std::function<void(std::string_view payload)>;
  void on_notice(OnNotice listener);
  /// Waits for notifications until the deadline, or end_wait(). Errors: unavailable when the connection is gone.
  Task<Result<void>> wait_for_notices(Deadline deadline);
  void end_wait();

  struct State;

 private:
  explicit Connection(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

/// Runs `work() -> Task<Result<T>>` between BEGIN and COMMIT; rolled back when it fails. What is written is written at the COMMIT: only a
/// lost answer to it is outcome_unknown. `begin`: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" for a look at one instant.
template <class Work>
std::invoke_result_t<Work&> in_transaction(Connection& connection, Work work, Deadline deadline,
                                           std::string begin = "BEGIN") {
  CO_TRY_VOID(co_await connection.execute(std::move(begin), Effect::read, deadline));
  auto result = co_await work();
  if (!result) {
    if (connection.usable()) co_await connection.execute("ROLLBACK", Effect::read, deadline);
    co_return result;
  }
  CO_TRY_VOID(co_await connection.execute("COMMIT", Effect::write, deadline));
  co_return result;
}

}  // namespace edda::postgres
