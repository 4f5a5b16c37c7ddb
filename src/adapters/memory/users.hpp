#pragma once

#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "ports/users.hpp"

namespace edda::memory {

/// Keeps everything in this process until it ends; for tests and the simulation.
class MemoryUserStore final : public UserStore {
 public:
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
  Result<void> add(User user);
  Result<User> apply(UserId id, UserChange change);
  bool has_other_admin(UserId id) const;
  std::int64_t append(AuditEntry entry);
  std::vector<Session> sessions_of(UserId user) const;
  void make_room(UserId user, Timestamp now);

  std::mutex mutex_;
  std::map<UserId, User> users_;
  std::unordered_map<std::string, UserId> ids_by_email_;
  std::map<SessionId, Session> sessions_;
  std::vector<AuditEntry> audit_;
  std::map<std::string, std::string> secrets_;
};

}  // namespace edda::memory
