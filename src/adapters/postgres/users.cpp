#include "postgres/users.hpp"

#include <algorithm>
#include <utility>

#include "postgres/user_rows.hpp"

namespace edda::postgres {
namespace {

template <class T>
void assign(T& field, const std::optional<T>& value) {
  if (value) field = *value;
}

/// Whether the change may take an administrator away, whoever it is made to.
bool may_remove_admin(const UserChange& change) { return change.keep_an_admin && (change.role || change.status); }

void apply(User& user, const UserChange& change) {
  assign(user.email, change.email);
  assign(user.password_hash, change.password_hash);
  assign(user.first_name, change.first_name);
  assign(user.last_name, change.last_name);
  assign(user.role, change.role);
  assign(user.status, change.status);
  assign(user.email_verified, change.email_verified);
  user.updated_at = change.at;
  if (change.revoke_tokens) ++user.generation;
}

Result<void> judge(const User& user, const UserChange& change, const std::vector<UserId>& admins) {
  if (change.expected_password_hash && *change.expected_password_hash != user.password_hash) {
    return fail(Errc::version_conflict, "The password was changed meanwhile");
  }
  const bool others = std::ranges::any_of(admins, [&user](UserId admin) { return admin != user.id; });
  if (needs_other_admin(user, change) && !others) return no_admin_left();
  return {};
}

Task<Result<User>> change_in(Connection& connection, UserId id, const UserChange& change,
                             const std::vector<AuditEntry>& audit, Deadline deadline) {
  // The administrators before the user: whoever locks several rows locks them in one order.
  std::vector<UserId> admins;
  if (may_remove_admin(change)) {
    CO_TRY(admins, co_await hold_admins(connection, deadline));
  }
  CO_TRY(auto found, co_await select_user(connection, id, Hold::row, deadline));
  if (!found) co_return fail(Errc::not_found, "There is no such user");
  User& user = *found;
  CO_TRY_VOID(judge(user, change, admins));
  apply(user, change);
  if (change.revoke_tokens) CO_TRY_VOID(co_await delete_sessions(connection, id, deadline));
  CO_TRY_VOID(co_await update_user(connection, user, deadline));
  for (const AuditEntry& entry : audit) CO_TRY_VOID(co_await insert_audit(connection, entry, deadline));
  co_return std::move(user);
}

Task<Result<void>> create_in(Connection& connection, const User& user, const std::optional<AuditEntry>& audit,
                             Deadline deadline) {
  CO_TRY_VOID(co_await insert_user(connection, user, deadline));
  if (audit) CO_TRY_VOID(co_await insert_audit(connection, *audit, deadline));
  co_return Result<void>();
}

// The user's row is held: of two sign-ins at once the second counts the first, and neither slips past a revocation of all.
Task<Result<void>> open_in(Connection& connection, const Session& session, Deadline deadline) {
  CO_TRY(const auto user, co_await select_user(connection, session.user, Hold::row, deadline));
  if (!user) co_return fail(Errc::not_found, "There is no such user");
  CO_TRY_VOID(co_await sweep_sessions(connection, session.user, session.created_at, sessions_per_user_max - 1, deadline));
  co_return co_await insert_session(connection, session, deadline);
}

Task<Result<RotationOutcome>> rotate_in(Connection& connection, const Rotation& rotation, Deadline deadline) {
  CO_TRY(auto session, co_await hold_session(connection, rotation.session, deadline));
  if (!session || session->expires_at <= rotation.at) co_return RotationOutcome::absent;
  if (!rotate(*session, rotation)) {
    CO_TRY_VOID(co_await delete_session(connection, session->id, deadline));
    co_return RotationOutcome::replayed;
  }
  CO_TRY_VOID(co_await update_session(connection, *session, deadline));
  co_return RotationOutcome::rotated;
}

// Two statements, each with its own look: the second sees the row that another node has committed while the first waited for it.
Task<Result<std::string>> secret_in(Connection& connection, const std::string& name, const std::string& proposed,
                                    Deadline deadline) {
  CO_TRY_VOID(co_await connection.query("INSERT INTO secrets(name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
                                        params(name, proposed), Effect::write, deadline));
  CO_TRY(const Rows rows,
         co_await connection.read("SELECT value FROM secrets WHERE name = $1", params(name), deadline));
  if (rows.empty()) co_return fail(Errc::internal, "A secret of the store cannot be read.");
  co_return rows.front().text(0);
}

}  // namespace

Task<Result<void>> PostgresUserStore::create_user(User user, std::optional<AuditEntry> audit, Deadline deadline) {
  auto work = [user = std::move(user), audit = std::move(audit), deadline](Connection& connection) {
    return create_in(connection, user, audit, deadline);
  };
  co_return co_await pool_.transaction(std::move(work), deadline);
}

Task<Result<std::optional<User>>> PostgresUserStore::find_user(UserId id, Deadline deadline) {
  auto work = [id, deadline](Connection& connection) { return select_user(connection, id, Hold::nothing, deadline); };
  co_return co_await pool_.with(std::move(work), deadline);
}

Task<Result<std::optional<User>>> PostgresUserStore::find_user_by_email(std::string email, Deadline deadline) {
  auto work = [email = std::move(email), deadline](Connection& connection) {
    return select_user_by_email(connection, email, deadline);
  };
  co_return co_await pool_.with(std::move(work), deadline);
}

Task<Result<std::vector<User>>> PostgresUserStore::list_users(UserFilter filter, std::optional<UserId> after,
                                                              std::size_t limit, Deadline deadline) {
  auto work = [filter = std::move(filter), after, limit, deadline](Connection& connection) {
    return select_users(connection, filter, after, limit, deadline);
  };
  co_return co_await pool_.with(std::move(work), deadline);
}

Task<Result<User>> PostgresUserStore::change_user(UserId id, UserChange change, std::vector<AuditEntry> audit,
                                                  Deadline deadline) {
  auto work = [id, change = std::move(change), audit = std::move(audit), deadline](Connection& connection) {
    return change_in(connection, id, change, audit, deadline);
  };
  co_return co_await pool_.transaction(std::move(work), deadline);
}

Task<Result<void>> PostgresUserStore::open_session(Session session, Deadline deadline) {
  auto work = [session = std::move(session), deadline](Connection& connection) {
    return open_in(connection, session, deadline);
  };
  co_return co_await pool_.transaction(std::move(work), deadline);
}

Task<Result<RotationOutcome>> PostgresUserStore::rotate_session(Rotation rotation, Deadline deadline) {
  auto work = [rotation = std::move(rotation), deadline](Connection& connection) {
    return rotate_in(connection, rotation, deadline);
  };
  co_return co_await pool_.transaction(std::move(work), deadline);
}

Task<Result<std::vector<Session>>> PostgresUserStore::list_sessions(UserId user, Deadline deadline) {
  auto work = [user, deadline](Connection& connection) { return select_sessions(connection, user, deadline); };
  co_return co_await pool_.with(std::move(work), deadline);
}

Task<Result<bool>> PostgresUserStore::close_session(UserId user, SessionId session, Deadline deadline) {
  CO_TRY(const Rows closed, co_await pool_.query("DELETE FROM sessions WHERE id = $1 AND user_id = $2",
                                                 params(session, user), Effect::write, deadline));
  co_return closed.changed() > 0;
}

Task<Result<std::int64_t>> PostgresUserStore::append_audit(AuditEntry entry, Deadline deadline) {
  auto work = [entry = std::move(entry), deadline](Connection& connection) {
    return insert_audit(connection, entry, deadline);
  };
  co_return co_await pool_.transaction(std::move(work), deadline);
}

Task<Result<std::vector<AuditEntry>>> PostgresUserStore::list_audit(AuditFilter filter,
                                                                    std::optional<std::int64_t> before,
                                                                    std::size_t limit, Deadline deadline) {
  auto work = [filter = std::move(filter), before, limit, deadline](Connection& connection) {
    return select_audit(connection, filter, before, limit, deadline);
  };
  co_return co_await pool_.with(std::move(work), deadline);
}

Task<Result<std::string>> PostgresUserStore::get_or_create_secret(std::string name, std::string proposed,
                                                                  Deadline deadline) {
  auto work = [name = std::move(name), proposed = std::move(proposed), deadline](Connection& connection) {
    return secret_in(connection, name, proposed, deadline);
  };
  co_return co_await pool_.with(std::move(work), deadline);
}

}  // namespace edda::postgres
