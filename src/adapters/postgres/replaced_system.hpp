#pragma once

#include <memory>
#include <string>

#include "ports/replaced_system.hpp"
#include "postgres/connection.hpp"

namespace edda::postgres {

/// The replaced system's tables in schema `public` of a database, in one read-only transaction: all of it as of one instant, whatever
/// is written meanwhile. Runs on the executor it was opened on.
class PostgresReplacedSystem final : public replaced::System {
 public:
  /// `time_zone`: which one its times without a zone are in, by a name that the server knows ("Asia/Seoul"). The limits on time that
  /// `options` set on statements and transactions are lifted: its one query sorts all orders. A zone in which orders are of the future is
  /// not theirs.
  /// Errors: those of Connection::open; invalid_argument (where: "--timezone"; reason "replaced_system").
  static Task<Result<std::unique_ptr<PostgresReplacedSystem>>> open(ConnectOptions options, std::string time_zone, Deadline deadline);

  Task<Result<std::vector<replaced::UserRecord>>> read_users(std::optional<UserId> after, std::size_t limit, Deadline deadline) override;
  Task<Result<std::vector<Moment>>> next_moments(std::size_t limit, Deadline deadline) override;
  Task<Result<std::vector<replaced::Stray>>> read_strays(Deadline deadline) override;
  Task<Result<std::vector<replaced::Sum>>> read_sums(Deadline deadline) override;

 private:
  explicit PostgresReplacedSystem(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
  Task<Result<Rows>> read(std::string_view sql, const Params& params, Deadline deadline);

  std::unique_ptr<Connection> connection_;
  bool began_ = false;
};

}  // namespace edda::postgres
