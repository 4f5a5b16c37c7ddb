#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ports/users.hpp"
#include "sqlite/connection.hpp"

// The tables of migrations/0002_users.sql, row by row. Each function runs inside its caller's transaction.
namespace edda::sqlite {

Result<std::optional<User>> select_user(Connection& connection, UserId id);
Result<std::optional<User>> select_user_by_email(Connection& connection, const std::string& email);
Result<std::vector<User>> select_users(Connection& connection, const UserFilter& filter, std::optional<UserId> after,
                                       std::size_t limit);
/// Errors: already_exists with reason "email" or "id".
Result<void> insert_user(Connection& connection, const User& user);
/// As insert_user.
Result<void> update_user(Connection& connection, const User& user);

Result<std::optional<Session>> select_session(Connection& connection, SessionId id);
/// The last used first.
Result<std::vector<Session>> select_sessions(Connection& connection, UserId user);
Result<void> insert_session(Connection& connection, const Session& session);
Result<void> update_session(Connection& connection, const Session& session);
Result<void> delete_session(Connection& connection, SessionId id);
Result<void> delete_sessions(Connection& connection, UserId user);

Result<std::int64_t> insert_audit(Connection& connection, const AuditEntry& entry);
Result<std::vector<AuditEntry>> select_audit(Connection& connection, const AuditFilter& filter,
                                             std::optional<std::int64_t> before, std::size_t limit);

}  // namespace edda::sqlite
