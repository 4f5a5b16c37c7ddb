#include "sqlite/user_rows.hpp"

#include <fmt/format.h>

#include <utility>

namespace edda::sqlite {
namespace {

constexpr std::string_view user_columns =
    "id, email, password_hash, first_name, last_name, role, status, email_verified, generation, created_at, updated_at";
constexpr std::string_view session_columns =
    "id, user, token, created_at, used_at, expires_at, address, agent, previous, previous_until";

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
              .email_verified = row.integer(7) != 0,
              .generation = row.integer(8),
              .created_at = row.timestamp(9),
              .updated_at = row.timestamp(10)};
}

Session session_of(const Row& row) {
  return {row.id<SessionId>(0), row.id<UserId>(1), row.id<TokenId>(2), row.timestamp(3),   row.timestamp(4),
          row.timestamp(5),     row.text(6),       row.text(7),        row.id<TokenId>(8), row.timestamp(9)};
}

Result<std::optional<User>> one_user(Rows rows) {
  TRY(const bool found, rows.next());
  if (!found) return std::nullopt;
  TRY(User user, user_of(rows));
  return user;
}

Result<void> naming_what_is_taken(Result<void> result) {
  if (result || result.error().code != Errc::already_exists) return result;
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
    text_ += fmt::format(" {} {} ?{}", binders_.empty() ? "WHERE" : "AND", condition, binders_.size() + 1);
    const int index = static_cast<int>(binders_.size()) + 1;
    binders_.push_back([index, value = *value](Statement& statement) { statement.bind_at(index, value); });
  }

  Result<Rows> run(Connection& connection, std::string_view order, std::size_t limit) {
    text_ += fmt::format(" ORDER BY {} LIMIT ?{}", order, binders_.size() + 1);
    TRY(Statement * statement, connection.statement(text_));
    for (const auto& bind : binders_) bind(*statement);
    statement->bind_at(static_cast<int>(binders_.size()) + 1, static_cast<std::int64_t>(limit));
    return statement->query();
  }

 private:
  std::string text_;
  std::vector<std::function<void(Statement&)>> binders_;
};

template <class T>
std::optional<std::string> name_of(const std::optional<T>& value) {
  return value ? std::optional(std::string(to_string(*value))) : std::nullopt;
}

}  // namespace

Result<std::optional<User>> select_user(Connection& connection, UserId id) {
  TRY(Statement * select, connection.statement(fmt::format("SELECT {} FROM users WHERE id = ?1", user_columns)));
  return one_user(select->query(id));
}

Result<std::optional<User>> select_user_by_email(Connection& connection, const std::string& email) {
  TRY(Statement * select, connection.statement(fmt::format("SELECT {} FROM users WHERE email = ?1", user_columns)));
  return one_user(select->query(email));
}

Result<std::vector<User>> select_users(Connection& connection, const UserFilter& filter, std::optional<UserId> after,
                                       std::size_t limit) {
  Query query(fmt::format("SELECT {} FROM users", user_columns));
  query.where("role =", name_of(filter.role));
  query.where("status =", name_of(filter.status));
  query.where("email =", filter.email);
  query.where("id >", after);
  TRY(Rows rows, query.run(connection, "id", limit));
  std::vector<User> users;
  while (true) {
    TRY(const bool found, rows.next());
    if (!found) return users;
    TRY(User user, user_of(rows));
    users.push_back(std::move(user));
  }
}

Result<void> insert_user(Connection& connection, const User& user) {
  TRY(Statement * insert,
      connection.statement(
          fmt::format("INSERT INTO users({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)", user_columns)));
  return naming_what_is_taken(insert->run(user.id, user.email, user.password_hash, user.first_name, user.last_name,
                                          to_string(user.role), to_string(user.status), user.email_verified,
                                          user.generation, user.created_at, user.updated_at));
}

Result<void> update_user(Connection& connection, const User& user) {
  TRY(Statement * update,
      connection.statement(
          "UPDATE users SET email = ?2, password_hash = ?3, first_name = ?4, last_name = ?5, role = ?6, "
          "status = ?7, email_verified = ?8, generation = ?9, updated_at = ?10 WHERE id = ?1"));
  return naming_what_is_taken(update->run(user.id, user.email, user.password_hash, user.first_name, user.last_name,
                                          to_string(user.role), to_string(user.status), user.email_verified,
                                          user.generation, user.updated_at));
}

Result<std::optional<Session>> select_session(Connection& connection, SessionId id) {
  TRY(Statement * select, connection.statement(fmt::format("SELECT {} FROM sessions WHERE id = ?1", session_columns)));
  auto rows = select->query(id);
  TRY(const bool found, rows.next());
  if (!found) return std::nullopt;
  return session_of(rows);
}

Result<std::vector<Session>> select_sessions(Connection& connection, UserId user) {
  TRY(Statement * select,
      connection.statement(fmt::format("SELECT {} FROM sessions WHERE user = ?1 ORDER BY used_at DESC, "
                                       "id DESC",
                                       session_columns)));
  auto rows = select->query(user);
  std::vector<Session> sessions;
  while (true) {
    TRY(const bool found, rows.next());
    if (!found) return sessions;
    sessions.push_back(session_of(rows));
  }
}

Result<void> insert_session(Connection& connection, const Session& session) {
  TRY(Statement * insert,
      connection.statement(
          fmt::format("INSERT INTO sessions({}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)", session_columns)));
  return insert->run(session.id, session.user, session.token, session.created_at, session.used_at, session.expires_at,
                     session.address, session.agent, session.previous, session.previous_until);
}

Result<void> update_session(Connection& connection, const Session& session) {
  TRY(Statement * update,
      connection.statement("UPDATE sessions SET token = ?2, used_at = ?3, expires_at = ?4, address = ?5, "
                           "agent = ?6, previous = ?7, previous_until = ?8 WHERE id = ?1"));
  return update->run(session.id, session.token, session.used_at, session.expires_at, session.address, session.agent,
                     session.previous, session.previous_until);
}

Result<void> delete_session(Connection& connection, SessionId id) {
  TRY(Statement * remove, connection.statement("DELETE FROM sessions WHERE id = ?1"));
  return remove->run(id);
}

Result<void> delete_sessions(Connection& connection, UserId user) {
  TRY(Statement * remove, connection.statement("DELETE FROM sessions WHERE user = ?1"));
  return remove->run(user);
}

Result<std::int64_t> insert_audit(Connection& connection, const AuditEntry& entry) {
  TRY(Statement * insert,
      connection.statement("INSERT INTO audit(at, actor, actor_email, action, subject, reason, details) "
                           "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING sequence"));
  auto rows =
      insert->query(entry.at, entry.actor, entry.actor_email, entry.action, entry.subject, entry.reason, entry.details);
  TRY_VOID(rows.next());
  return rows.integer(0);
}

Result<std::vector<AuditEntry>> select_audit(Connection& connection, const AuditFilter& filter,
                                             std::optional<std::int64_t> before, std::size_t limit) {
  Query query("SELECT sequence, at, actor, actor_email, action, subject, reason, details FROM audit");
  query.where("actor =", filter.actor);
  query.where("action =", filter.action);
  query.where("subject =", filter.subject);
  query.where("sequence <", before);
  TRY(Rows rows, query.run(connection, "sequence DESC", limit));
  std::vector<AuditEntry> entries;
  while (true) {
    TRY(const bool found, rows.next());
    if (!found) return entries;
    entries.push_back({.sequence = rows.integer(0),
                       .at = rows.timestamp(1),
                       .actor = rows.id<UserId>(2),
                       .actor_email = rows.text(3),
                       .action = rows.text(4),
                       .subject = rows.text(5),
                       .reason = rows.text(6),
                       .details = rows.text(7)});
  }
}

}  // namespace edda::sqlite
