#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ports/users.hpp"
#include "postgres/connection.hpp"

// The tables of users, row by row. Each function is one statement on its caller's connection; those that write belong into a transaction.
// Lifetime: what is passed by reference stays until the answer.
namespace edda::postgres {

/// Whether others may change the row before the transaction ends.
enum class Hold { nothing, row };

Task<Result<std::optional<User>>> select_user(Connection& connection, UserId id, Hold hold, Deadline deadline);
Task<Result<std::optional<User>>> select_user_by_email(Connection& connection, const std::string& email,
                                                       Deadline deadline);
Task<Result<std::vector<User>>> select_users(Connection& connection, const UserFilter& filter,
                                             std::optional<UserId> after, std::size_t limit, Deadline deadline);
/// The active administrators; none of them changes, and no other lists them so, before the transaction ends.
Task<Result<std::vector<UserId>>> hold_admins(Connection& connection, Deadline deadline);
/// Errors: already_exists with reason "email" or "id".
Task<Result<void>> insert_user(Connection& connection, const User& user, Deadline deadline);
/// As insert_user.
Task<Result<void>> update_user(Connection& connection, const User& user, Deadline deadline);

/// Nobody else changes it before the transaction ends.
Task<Result<std::optional<Session>>> hold_session(Connection& connection, SessionId id, Deadline deadline);
/// The last used first.
Task<Result<std::vector<Session>>> select_sessions(Connection& connection, UserId user, Deadline deadline);
Task<Result<void>> insert_session(Connection& connection, const Session& session, Deadline deadline);
Task<Result<void>> update_session(Connection& connection, const Session& session, Deadline deadline);
Task<Result<void>> delete_session(Connection& connection, SessionId id, Deadline deadline);
Task<Result<void>> delete_sessions(Connection& connection, UserId user, Deadline deadline);
/// Ends the user's sessions that expired before `now`, and all but the `keep` used last of the others.
Task<Result<void>> sweep_sessions(Connection& connection, UserId user, Timestamp now, std::size_t keep,
                                  Deadline deadline);

Task<Result<std::int64_t>> insert_audit(Connection& connection, const AuditEntry& entry, Deadline deadline);
Task<Result<std::vector<AuditEntry>>> select_audit(Connection& connection, const AuditFilter& filter,
                                                   std::optional<std::int64_t> before, std::size_t limit,
                                                   Deadline deadline);

}  // namespace edda::postgres
