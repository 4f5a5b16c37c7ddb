#include "sqlite/users.hpp"

#include <algorithm>
#include <utility>

#include "sqlite/user_rows.hpp"

namespace edda::sqlite {
namespace {

template <class T>
void assign(T& field, const std::optional<T>& value) {
  if (value) field = *value;
}

/// Whether somebody else is an active administrator; the connection is the only one that writes.
Result<bool> has_other_admin(Connection& connection, UserId id) {
  const UserFilter admins{.role = Role::admin, .status = UserStatus::active};
  TRY(const auto first_two, select_users(connection, admins, std::nullopt, 2));
  return std::ranges::any_of(first_two, [id](const User& user) { return user.id != id; });
}

Result<User> change_in(Connection& connection, UserId id, const UserChange& change) {
  TRY(auto user, select_user(connection, id));
  if (!user) return fail(Errc::not_found, "There is no such user");
  if (change.expected_password_hash && *change.expected_password_hash != user->password_hash) {
    return fail(Errc::version_conflict, "The password was changed meanwhile");
  }
  if (needs_other_admin(*user, change)) {
    TRY(const bool others, has_other_admin(connection, id));
    if (!others) return no_admin_left();
  }
  assign(user->email, change.email);
  assign(user->password_hash, change.password_hash);
  assign(user->first_name, change.first_name);
  assign(user->last_name, change.last_name);
  assign(user->role, change.role);
  assign(user->status, change.status);
  assign(user->email_verified, change.email_verified);
  user->updated_at = change.at;
  if (change.revoke_tokens) {
    ++user->generation;
    TRY_VOID(delete_sessions(connection, id));
  }
  TRY_VOID(update_user(connection, *user));
  return *std::move(user);
}

Result<void> open_in(Connection& connection, const Session& session) {
  TRY(const auto user, select_user(connection, session.user));
  if (!user) return fail(Errc::not_found, "There is no such user");
  TRY(const auto others, select_sessions(connection, session.user));
  std::size_t kept = 0;
  for (const Session& other : others) {
    const bool live = other.expires_at > session.created_at;
    if (live && ++kept < sessions_per_user_max) continue;
    TRY_VOID(delete_session(connection, other.id));
  }
  return insert_session(connection, session);
}

Result<RotationOutcome> rotate_in(Connection& connection, const Rotation& rotation) {
  TRY(auto session, select_session(connection, rotation.session));
  if (!session || session->expires_at <= rotation.at) return RotationOutcome::absent;
  if (!rotate(*session, rotation)) {
    TRY_VOID(delete_session(connection, session->id));
    return RotationOutcome::replayed;
  }
  TRY_VOID(update_session(connection, *session));
  return RotationOutcome::rotated;
}

Result<std::string> secret_in(Connection& connection, const std::string& name, const std::string& proposed) {
  TRY(Statement * insert,
      connection.statement("INSERT INTO secrets(name, value) VALUES (?1, ?2) ON CONFLICT(name) DO NOTHING"));
  TRY_VOID(insert->run(name, proposed));
  TRY(Statement * select, connection.statement("SELECT value FROM secrets WHERE name = ?1"));
  auto rows = select->query(name);
  TRY_VOID(rows.next());
  return rows.text(0);
}

}  // namespace

Task<Result<void>> SqliteUserStore::create_user(User user, std::optional<AuditEntry> audit, Deadline deadline) {
  auto work = [user = std::move(user), audit = std::move(audit)](Connection& connection) -> Result<void> {
    TRY_VOID(insert_user(connection, user));
    if (audit) TRY_VOID(insert_audit(connection, *audit));
    return {};
  };
  co_return co_await database_.write(std::move(work), deadline);
}

Task<Result<std::optional<User>>> SqliteUserStore::find_user(UserId id, Deadline deadline) {
  auto work = [id](Connection& connection) { return select_user(connection, id); };
  co_return co_await database_.read(std::move(work), deadline);
}

Task<Result<std::optional<User>>> SqliteUserStore::find_user_by_email(std::string email, Deadline deadline) {
  auto work = [email = std::move(email)](Connection& connection) { return select_user_by_email(connection, email); };
  co_return co_await database_.read(std::move(work), deadline);
}

Task<Result<std::vector<User>>> SqliteUserStore::list_users(UserFilter filter, std::optional<UserId> after,
                                                            std::size_t limit, Deadline deadline) {
  auto work = [filter = std::move(filter), after, limit](Connection& connection) {
    return select_users(connection, filter, after, limit);
  };
  co_return co_await database_.read(std::move(work), deadline);
}

Task<Result<User>> SqliteUserStore::change_user(UserId id, UserChange change, std::vector<AuditEntry> audit,
                                                Deadline deadline) {
  auto work = [id, change = std::move(change), audit = std::move(audit)](Connection& connection) -> Result<User> {
    TRY(User user, change_in(connection, id, change));
    for (const AuditEntry& entry : audit) TRY_VOID(insert_audit(connection, entry));
    return user;
  };
  co_return co_await database_.write(std::move(work), deadline);
}

Task<Result<void>> SqliteUserStore::open_session(Session session, Deadline deadline) {
  auto work = [session = std::move(session)](Connection& connection) { return open_in(connection, session); };
  co_return co_await database_.write(std::move(work), deadline);
}

Task<Result<RotationOutcome>> SqliteUserStore::rotate_session(Rotation rotation, Deadline deadline) {
  auto work = [rotation = std::move(rotation)](Connection& connection) { return rotate_in(connection, rotation); };
  co_return co_await database_.write(std::move(work), deadline);
}

Task<Result<std::vector<Session>>> SqliteUserStore::list_sessions(UserId user, Deadline deadline) {
  auto work = [user](Connection& connection) { return select_sessions(connection, user); };
  co_return co_await database_.read(std::move(work), deadline);
}

Task<Result<bool>> SqliteUserStore::close_session(UserId user, SessionId id, Deadline deadline) {
  auto work = [user, id](Connection& connection) -> Result<bool> {
    TRY(const auto session, select_session(connection, id));
    if (!session || session->user != user) return false;
    TRY_VOID(delete_session(connection, id));
    return true;
  };
  co_return co_await database_.write(std::move(work), deadline);
}

Task<Result<std::int64_t>> SqliteUserStore::append_audit(AuditEntry entry, Deadline deadline) {
  auto work = [entry = std::move(entry)](Connection& connection) { return insert_audit(connection, entry); };
  co_return co_await database_.write(std::move(work), deadline);
}

Task<Result<std::vector<AuditEntry>>> SqliteUserStore::list_audit(AuditFilter filter,
                                                                  std::optional<std::int64_t> before, std::size_t limit,
                                                                  Deadline deadline) {
  auto work = [filter = std::move(filter), before, limit](Connection& connection) {
    return select_audit(connection, filter, before, limit);
  };
  co_return co_await database_.read(std::move(work), deadline);
}

Task<Result<std::string>> SqliteUserStore::get_or_create_secret(std::string name, std::string proposed,
                                                                Deadline deadline) {
  auto work = [name = std::move(name), proposed = std::move(proposed)](Connection& connection) {
    return secret_in(connection, name, proposed);
  };
  co_return co_await database_.write(std::move(work), deadline);
}

}  // namespace edda::sqlite
