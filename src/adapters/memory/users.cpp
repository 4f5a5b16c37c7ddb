#include "memory/users.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace edda::memory {
namespace {

template <class T>
bool passes(const std::optional<T>& wanted, const T& actual) {
  return !wanted || *wanted == actual;
}

template <class T>
void assign(T& field, std::optional<T>& value) {
  if (value) field = std::move(*value);
}

std::unexpected<Error> taken(std::string reason) {
  return fail(Errc::already_exists, "Another user has this " + reason, {}, reason);
}

}  // namespace

Task<Result<void>> MemoryUserStore::create_user(User user, std::optional<AuditEntry> audit, Deadline) {
  const std::lock_guard lock(mutex_);
  CO_TRY_VOID(add(std::move(user)));
  if (audit) append(std::move(*audit));
  co_return Result<void>{};
}

Task<Result<std::optional<User>>> MemoryUserStore::find_user(UserId id, Deadline) {
  const std::lock_guard lock(mutex_);
  const auto found = users_.find(id);
  co_return found == users_.end() ? std::nullopt : std::optional(found->second);
}

Task<Result<std::optional<User>>> MemoryUserStore::find_user_by_email(std::string email, Deadline) {
  const std::lock_guard lock(mutex_);
  const auto found = ids_by_email_.find(email);
  co_return found == ids_by_email_.end() ? std::nullopt : std::optional(users_.at(found->second));
}

Task<Result<std::vector<User>>> MemoryUserStore::list_users(UserFilter filter, std::optional<UserId> after,
                                                            std::size_t limit, Deadline) {
  const std::lock_guard lock(mutex_);
  std::vector<User> page;
  for (auto at = after ? users_.upper_bound(*after) : users_.begin(); at != users_.end() && page.size() < limit; ++at) {
    const User& user = at->second;
    if (passes(filter.role, user.role) && passes(filter.status, user.status) && passes(filter.email, user.email)) {
      page.push_back(user);
    }
  }
  co_return page;
}

Task<Result<User>> MemoryUserStore::change_user(UserId id, UserChange change, std::vector<AuditEntry> audit, Deadline) {
  const std::lock_guard lock(mutex_);
  CO_TRY(auto user, apply(id, std::move(change)));
  for (AuditEntry& entry : audit) append(std::move(entry));
  co_return user;
}

Task<Result<void>> MemoryUserStore::open_session(Session session, Deadline) {
  const std::lock_guard lock(mutex_);
  if (!users_.contains(session.user)) co_return fail(Errc::not_found, "There is no such user");
  make_room(session.user, session.created_at);
  const SessionId id = session.id;
  sessions_.insert_or_assign(id, std::move(session));
  co_return Result<void>{};
}

Task<Result<RotationOutcome>> MemoryUserStore::rotate_session(Rotation rotation, Deadline) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(rotation.session);
  if (found == sessions_.end() || found->second.expires_at <= rotation.at) co_return RotationOutcome::absent;
  if (rotate(found->second, rotation)) co_return RotationOutcome::rotated;
  sessions_.erase(found);
  co_return RotationOutcome::replayed;
}

Task<Result<std::vector<Session>>> MemoryUserStore::list_sessions(UserId user, Deadline) {
  const std::lock_guard lock(mutex_);
  co_return sessions_of(user);
}

Task<Result<bool>> MemoryUserStore::close_session(UserId user, SessionId session, Deadline) {
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(session);
  if (found == sessions_.end() || found->second.user != user) co_return false;
  sessions_.erase(found);
  co_return true;
}

Task<Result<std::int64_t>> MemoryUserStore::append_audit(AuditEntry entry, Deadline) {
  const std::lock_guard lock(mutex_);
  co_return append(std::move(entry));
}

Task<Result<std::vector<AuditEntry>>> MemoryUserStore::list_audit(AuditFilter filter,
                                                                  std::optional<std::int64_t> before, std::size_t limit,
                                                                  Deadline) {
  const std::lock_guard lock(mutex_);
  std::vector<AuditEntry> page;
  for (auto at = audit_.rbegin(); at != audit_.rend() && page.size() < limit; ++at) {
    const bool earlier = !before || at->sequence < *before;
    if (earlier && passes(filter.actor, at->actor) && passes(filter.action, at->action) &&
        passes(filter.subject, at->subject)) {
      page.push_back(*at);
    }
  }
  co_return page;
}

Task<Result<std::string>> MemoryUserStore::get_or_create_secret(std::string name, std::string proposed, Deadline) {
  const std::lock_guard lock(mutex_);
  co_return secrets_.try_emplace(std::move(name), std::move(proposed)).first->second;
}

Result<void> MemoryUserStore::add(User user) {
  if (users_.contains(user.id)) return taken("id");
  if (!ids_by_email_.try_emplace(user.email, user.id).second) return taken("email");
  const UserId id = user.id;
  users_.emplace(id, std::move(user));
  return {};
}

Result<User> MemoryUserStore::apply(UserId id, UserChange change) {
  const auto found = users_.find(id);
  if (found == users_.end()) return fail(Errc::not_found, "There is no such user");
  User& user = found->second;
  if (change.expected_password_hash && *change.expected_password_hash != user.password_hash) {
    return fail(Errc::version_conflict, "The password was changed meanwhile");
  }
  if (needs_other_admin(user, change) && !has_other_admin(id)) return no_admin_left();
  if (change.email && *change.email != user.email) {
    if (!ids_by_email_.try_emplace(*change.email, id).second) return taken("email");
    ids_by_email_.erase(user.email);
  }
  assign(user.email, change.email);
  assign(user.password_hash, change.password_hash);
  assign(user.first_name, change.first_name);
  assign(user.last_name, change.last_name);
  assign(user.role, change.role);
  assign(user.status, change.status);
  assign(user.email_verified, change.email_verified);
  if (change.revoke_tokens) {
    ++user.generation;
    std::erase_if(sessions_, [id](const auto& entry) { return entry.second.user == id; });
  }
  user.updated_at = change.at;
  return user;
}

bool MemoryUserStore::has_other_admin(UserId id) const {
  return std::ranges::any_of(users_,
                             [id](const auto& entry) { return entry.first != id && is_active_admin(entry.second); });
}

std::int64_t MemoryUserStore::append(AuditEntry entry) {
  entry.sequence = std::ssize(audit_) + 1;
  audit_.push_back(std::move(entry));
  return audit_.back().sequence;
}

std::vector<Session> MemoryUserStore::sessions_of(UserId user) const {
  std::vector<Session> sessions;
  for (const auto& [id, session] : sessions_) {
    if (session.user == user) sessions.push_back(session);
  }
  std::ranges::sort(sessions, std::ranges::greater{}, [](const Session& s) { return std::pair(s.used_at, s.id); });
  return sessions;
}

void MemoryUserStore::make_room(UserId user, Timestamp now) {
  std::erase_if(sessions_,
                [&](const auto& entry) { return entry.second.user == user && entry.second.expires_at <= now; });
  const auto sessions = sessions_of(user);
  for (std::size_t i = sessions_per_user_max - 1; i < sessions.size(); ++i) sessions_.erase(sessions[i].id);
}

}  // namespace edda::memory
