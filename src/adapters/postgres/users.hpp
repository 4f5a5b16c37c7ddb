#pragma once

#include "ports/users.hpp"
#include "postgres/pool.hpp"

namespace edda::postgres {

/// Users, sessions, audit log and secrets in PostgreSQL, shared by all nodes. What is read to decide a change is locked until the change
/// is committed, so two nodes at once decide one after the other.
/// Lifetime: the pool outlives it.
class PostgresUserStore final : public UserStore {
 public:
  explicit PostgresUserStore(Pool& pool) : pool_(pool) {}

  Task<Result<void>> create_user(User user, std::optional<AuditEntry> audit, Deadline deadline) override;
  Task<Result<std::optional<User>>> find_user(UserId id, Deadline deadline) override;
  Task<Result<std::optional<User>>> find_user_by_email(std::string email, Deadline deadline) override;
  Task<Result<std::vector<User>>> list_users(UserFilter filter, std::optional<UserId> after, std::size_t limit,
                                             Deadline deadline) override;
  Task<Result<User>> change_user(UserId id, UserChange change, std::vector<AuditEntry> audit,
                                 Deadline deadline) override;
  Task<Result<void>> open_session(Session session, Deadline deadline) override;
  Task<Result<RotationOutcome>> rotate_session(Rotation rotation, Deadline deadline) override;
  Task<Result<std::vector<Session>>> list_sessions(UserId user, Deadline deadline) override;
  Task<Result<bool>> close_session(UserId user, SessionId session, Deadline deadline) override;
  Task<Result<std::int64_t>> append_audit(AuditEntry entry, Deadline deadline) override;
  Task<Result<std::vector<AuditEntry>>> list_audit(AuditFilter filter, std::optional<std::int64_t> before,
                                                   std::size_t limit, Deadline deadline) override;
  Task<Result<std::string>> get_or_create_secret(std::string name, std::string proposed, Deadline deadline) override;

 private:
  Pool& pool_;
};

}  // namespace edda::postgres
