#include "postgres/user_rows.hpp"

#include <fmt/format.h>

#include <utility>

namespace edda::postgres {
namespace {

constexpr std::string_view user_columns =
    "id, email, password_hash, first_name, last_name, role, status, email_verified, generation, created_at, updated_at";
constexpr std::string_view session_columns =
    "id, user_id, token, created_at, used_at, expires_at, address, agent, previous, previous_until";

Result<User> user_of(const Row& row) {
  const auto role = parse_role(row.text_view(5));
  const auto status = parse_user_status(row.text_view(6));
  if (!role || !status) return fail(Errc::corrupt, "A user has a role or a status that this version does not know");
  return User{.id = row.id<UserId>(0),
              .email = row.text(1),
              .password_hash = row.text(2),
              .first_name = row.text(3),
              .last_name = row.text(4),
              .role = *role,
              .status = *status,
              .email_verified = row.boolean(7),
              .generation = row.integer(8),
              .created_at = row.timestamp(9),
              .updated_at = row.timestamp(10)};
}

Session session_of(const Row& row) {
  return {row.id<SessionId>(0), row.id<UserId>(1), row.id<TokenId>(2), row.timestamp(3),   row.timestamp(4),
          row.timestamp(5),     row.text(6),       row.text(7),        row.id<TokenId>(8), row.timestamp(9)};
}

Result<std::optional<User>> one_user(const Rows& rows) {
  if (rows.empty()) return std::nullopt;
  TRY(User user, user_of(rows.front()));
  return user;
}

Result<void> naming_what_is_taken(const Result<Rows>& result) {
  if (result) return {};
  if (result.error().code != Errc::already_exists) return std::unexpected(result.error());
  std::string what = result.error().where.contains("email") ? "email" : "id";
  return fail(Errc::already_exists, "Another user has this " + what, {}, what);
}

/// A query with as many conditions as a filter sets: the parts of the text and the values in the same order.
class Query {
 public:
  explicit Query(std::string text) : text_(std::move(text)) {}

  template <class T>
  void where(std::string_view condition, const std::optional<T>& value) {
    if (!value) return;
    text_ += fmt::format(" {} {} ${}", all_.size() == 0 ? "WHERE" : "AND", condition, all_.size() + 1);
    all_.add(*value);
  }

  Task<Result<Rows>> run(Connection& connection, std::string_view order, std::size_t limit, Deadline deadline) {
    text_ += fmt::format(" ORDER BY {} LIMIT ${}", order, all_.size() + 1);
    all_.add(limit);
    return connection.read(text_, all_, deadline);
  }

 private:
  std::string text_;
  Params all_;
};

template <class T>
std::optional<std::string> name_of(const std::optional<T>& value) {
  return value ? std::optional(std::string(to_string(*value))) : std::nullopt;
}

// Effect::read: what a transaction writes is written when it commits.
Task<Result<void>> write(Connection& connection, std::string_view sql, Params all, Deadline deadline) {
  CO_TRY_VOID(co_await connection.read(sql, all, deadline));
  co_return Result<void>();
}

}  // namespace

Task<Result<std::optional<User>>> select_user(Connection& connection, UserId id, Hold hold, Deadline deadline) {
  const std::string sql = fmt::format("SELECT {} FROM users WHERE id = $1{}", user_columns,
                                      hold == Hold::row ? " FOR UPDATE" : "");
  CO_TRY(const Rows rows, co_await connection.read(sql, params(id), deadline));
  co_return one_user(rows);
}

Task<Result<std::optional<User>>> select_user_by_email(Connection& connection, const std::string& email,
                                                       Deadline deadline) {
  const std::string sql = fmt::format("SELECT {} FROM users WHERE email = $1", user_columns);
  CO_TRY(const Rows rows, co_await connection.read(sql, params(email), deadline));
  co_return one_user(rows);
}

Task<Result<std::vector<User>>> select_users(Connection& connection, const UserFilter& filter,
                                             std::optional<UserId> after, std::size_t limit, Deadline deadline) {
  Query query(fmt::format("SELECT {} FROM users", user_columns));
  query.where("role =", name_of(filter.role));
  query.where("status =", name_of(filter.status));
  query.where("email =", filter.email);
  query.where("id >", after);
  CO_TRY(const Rows rows, co_await query.run(connection, "id", limit, deadline));
  std::vector<User> users;
  for (const Row& row : rows) {
    CO_TRY(User user, user_of(row));
    users.push_back(std::move(user));
  }
  co_return users;
}

// In the order of their ids, so that two who ask at once wait for one another and do not block one another. Who waited sees each row as
// it is then: an administrator that the other has removed is not among them.
Task<Result<std::vector<UserId>>> hold_admins(Connection& connection, Deadline deadline) {
  const std::string sql = fmt::format("SELECT id FROM users WHERE role = '{}' AND status = '{}' ORDER BY id FOR UPDATE",
                                      to_string(Role::admin), to_string(UserStatus::active));
  CO_TRY(const Rows rows, co_await connection.read(sql, {}, deadline));
  std::vector<UserId> admins;
  for (const Row& row : rows) admins.push_back(row.id<UserId>(0));
  co_return admins;
}

Task<Result<void>> insert_user(Connection& connection, const User& user, Deadline deadline) {
  const std::string sql =
      fmt::format("INSERT INTO users({}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)", user_columns);
  co_return naming_what_is_taken(co_await connection.read(
      sql,
      params(user.id, user.email, user.password_hash, user.first_name, user.last_name, to_string(user.role),
             to_string(user.status), user.email_verified, user.generation, user.created_at, user.updated_at),
      deadline));
}

Task<Result<void>> update_user(Connection& connection, const User& user, Deadline deadline) {
  co_return naming_what_is_taken(co_await connection.read(
      "UPDATE users SET email = $2, password_hash = $3, first_name = $4, last_name = $5, role = $6, status = $7,"
      " email_verified = $8, generation = $9, updated_at = $10 WHERE id = $1",
      params(user.id, user.email, user.password_hash, user.first_name, user.last_name, to_string(user.role),
             to_string(user.status), user.email_verified, user.generation, user.updated_at),
      deadline));
}

Task<Result<std::optional<Session>>> hold_session(Connection& connection, SessionId id, Deadline deadline) {
  const std::string sql = fmt::format("SELECT {} FROM sessions WHERE id = $1 FOR UPDATE", session_columns);
  CO_TRY(const Rows rows, co_await connection.read(sql, params(id), deadline));
  if (rows.empty()) co_return std::nullopt;
  co_return session_of(rows.front());
}

Task<Result<std::vector<Session>>> select_sessions(Connection& connection, UserId user, Deadline deadline) {
  const std::string sql =
      fmt::format("SELECT {} FROM sessions WHERE user_id = $1 ORDER BY used_at DESC, id DESC", session_columns);
  CO_TRY(const Rows rows, co_await connection.read(sql, params(user), deadline));
  std::vector<Session> sessions;
  for (const Row& row : rows) sessions.push_back(session_of(row));
  co_return sessions;
}

Task<Result<void>> insert_session(Connection& connection, const Session& session, Deadline deadline) {
  static const std::string sql =
      fmt::format("INSERT INTO sessions({}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)", session_columns);
  return write(connection, sql,
               params(session.id, session.user, session.token, session.created_at, session.used_at, session.expires_at,
                      session.address, session.agent, session.previous, session.previous_until),
               deadline);
}

Task<Result<void>> update_session(Connection& connection, const Session& session, Deadline deadline) {
  return write(connection,
               "UPDATE sessions SET token = $2, used_at = $3, expires_at = $4, address = $5, agent = $6, previous = $7,"
               " previous_until = $8 WHERE id = $1",
               params(session.id, session.token, session.used_at, session.expires_at, session.address, session.agent,
                      session.previous, session.previous_until),
               deadline);
}

Task<Result<void>> delete_session(Connection& connection, SessionId id, Deadline deadline) {
  return write(connection, "DELETE FROM sessions WHERE id = $1", params(id), deadline);
}

Task<Result<void>> delete_sessions(Connection& connection, UserId user, Deadline deadline) {
  return write(connection, "DELETE FROM sessions WHERE user_id = $1", params(user), deadline);
}

Task<Result<void>> sweep_sessions(Connection& connection, UserId user, Timestamp now, std::size_t keep,
                                  Deadline deadline) {
  return write(connection,
               "DELETE FROM sessions WHERE user_id = $1 AND (expires_at <= $2 OR id IN (SELECT id FROM sessions"
               " WHERE user_id = $1 AND expires_at > $2 ORDER BY used_at DESC, id DESC OFFSET $3))",
               params(user, now, keep), deadline);
}

Task<Result<std::int64_t>> insert_audit(Connection& connection, const AuditEntry& entry, Deadline deadline) {
  CO_TRY(const Rows rows,
         co_await connection.read("INSERT INTO audit(at, actor, actor_email, action, subject, reason, details)"
                                   " VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING sequence",
                                   params(entry.at, entry.actor, entry.actor_email, entry.action, entry.subject,
                                          entry.reason, entry.details),
                                   deadline));
  co_return rows.front().integer(0);
}

Task<Result<std::vector<AuditEntry>>> select_audit(Connection& connection, const AuditFilter& filter,
                                                   std::optional<std::int64_t> before, std::size_t limit,
                                                   Deadline deadline) {
  Query query("SELECT sequence, at, actor, actor_email, action, subject, reason, details FROM audit");
  query.where("actor =", filter.actor);
  query.where("action =", filter.action);
  query.where("subject =", filter.subject);
  query.where("sequence <", before);
  CO_TRY(const Rows rows, co_await query.run(connection, "sequence DESC", limit, deadline));
  std::vector<AuditEntry> entries;
  for (const Row& row : rows) {
    entries.push_back({.sequence = row.integer(0),
                       .at = row.timestamp(1),
                       .actor = row.id<UserId>(2),
                       .actor_email = row.text(3),
                       .action = row.text(4),
                       .subject = row.text(5),
                       .reason = row.text(6),
                       .details = row.text(7)});
  }
  co_return entries;
}

}  // namespace edda::postgres
