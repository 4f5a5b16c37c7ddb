#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "accounts/principal.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/timestamp.hpp"
#include "ports/task.hpp"

namespace edda {

/// One sign-in on one device: a family of refresh tokens that follow one another. The access tokens of the family name
/// it too.
using SessionId = Id<struct SessionTag>;
/// Names one refresh token (`jti`); random, all 16 bytes.
using TokenId = Id<struct TokenTag>;

enum class UserStatus { active, inactive, suspended };

/// The status as clients see it ("active").
std::string_view to_string(UserStatus status);
std::optional<UserStatus> parse_user_status(std::string_view text);

struct User {
  UserId id = {};
  std::string email = {};  ///< unique, compared byte by byte: upper and lower case differ
  /// argon2id, or bcrypt until an imported user's first login; never leaves the application.
  std::string password_hash = {};
  std::string first_name = {};
  std::string last_name = {};
  Role role = Role::customer;
  UserStatus status = UserStatus::active;
  bool email_verified = false;
  std::int64_t generation = 0;  ///< tokens of an earlier generation are refused
  Timestamp created_at = {};
  Timestamp updated_at = {};
};

/// Which users a list shows; what is not set does not filter.
struct UserFilter {
  std::optional<Role> role = {};
  std::optional<UserStatus> status = {};
  std::optional<std::string> email = {};
};

/// What to change in a user; what is not set stays.
struct UserChange {
  std::optional<std::string> email = {};
  std::optional<std::string> password_hash = {};
  std::optional<std::string> first_name = {};
  std::optional<std::string> last_name = {};
  std::optional<Role> role = {};
  std::optional<UserStatus> status = {};
  std::optional<bool> email_verified = {};
  /// Raises the generation and ends every session: all tokens given out so far are void.
  bool revoke_tokens = false;
  /// The change is made only while this is the stored hash (a rehash must not undo a new password); else
  /// version_conflict.
  std::optional<std::string> expected_password_hash = {};
  /// The change is refused if it would leave no active administrator. Judged inside the change's transaction: of two
  /// changes at once that would together remove the last two, one is refused.
  bool keep_an_admin = false;
  Timestamp at = {};  ///< becomes updated_at
};

bool is_active_admin(const User& user);
/// True when `change` must be refused (no_admin_left) unless another active administrator exists.
bool needs_other_admin(const User& user, const UserChange& change);
std::unexpected<Error> no_admin_left();

struct Session {
  SessionId id;
  UserId user;
  TokenId token;  ///< the one refresh token that is good now
  Timestamp created_at;
  Timestamp used_at;
  Timestamp expires_at;
  std::string address;  ///< the client's address at the last use
  std::string agent;    ///< the client's User-Agent at the last use, cut to session_agent_bytes_max
  /// The token before `token`. It may come once more before `previous_until`: the answer that replaced it may be lost.
  TokenId previous = {};
  Timestamp previous_until = {};
};

/// A further session ends the user's least recently used one. Enough for devices and scripts, and it bounds the table.
inline constexpr std::size_t sessions_per_user_max = 100;
inline constexpr std::size_t session_agent_bytes_max = 200;

/// The next use of a session: `presented` must be its good token, or the one before within its grace; `next` becomes
/// the good one.
struct Rotation {
  SessionId session;
  TokenId presented;
  TokenId next;
  Timestamp at;
  Timestamp expires_at;
  std::string address;
  std::string agent;
  /// Until when `presented` may be used again after this; its first use decides. Not after `at`: not at all.
  Timestamp repeatable_until = {};
};

/// What a store does with a live session: false, and nothing changed, when `presented` is spent.
bool rotate(Session& session, const Rotation& rotation);

enum class RotationOutcome {
  rotated,
  replayed,  ///< a token of the family came back that is spent: the session is gone, and with it the whole family
  absent,    ///< no such session: ended, expired, or never opened
};

/// Who did what to whom, and why.
struct AuditEntry {
  std::int64_t sequence = 0;  ///< given by the store; later entries have greater ones
  Timestamp at = {};
  UserId actor = {};             ///< nil: the system itself (the first start, the command line on a closed store)
  std::string actor_email = {};  ///< as it was then
  std::string action = {};       ///< "user.role_changed", "saga.retry": subject's kind, dot, what was done
  std::string subject = {};      ///< the id of what it was done to
  std::string reason = {};
  std::string details = {};  ///< JSON object with what changed, or empty
};

struct AuditFilter {
  std::optional<UserId> actor = {};
  std::optional<std::string> action = {};
  std::optional<std::string> subject = {};
};

/// Users, their sessions, the audit log and the few secrets that the nodes of a store share.
/// Every method: errors unavailable (surely not done) and outcome_unknown (ask before repeating) besides those it
/// names. Thread-safety: callable from any thread. A method that changes two things changes both or neither.
class UserStore {
 public:
  virtual ~UserStore() = default;

  /// Errors: already_exists when the email (reason "email") or the id (reason "id") is taken.
  virtual Task<Result<void>> create_user(User user, std::optional<AuditEntry> audit, Deadline deadline) = 0;
  virtual Task<Result<std::optional<User>>> find_user(UserId id, Deadline deadline) = 0;
  virtual Task<Result<std::optional<User>>> find_user_by_email(std::string email, Deadline deadline) = 0;
  /// Up to `limit` users in the order of their ids, those after `after`.
  virtual Task<Result<std::vector<User>>> list_users(UserFilter filter, std::optional<UserId> after, std::size_t limit,
                                                     Deadline deadline) = 0;
  /// The user as changed; the audit entries are written with the change.
  /// Errors: not_found; already_exists when the new email is taken; version_conflict (expected_password_hash);
  /// rejected with reason "last_admin" (keep_an_admin).
  virtual Task<Result<User>> change_user(UserId id, UserChange change, std::vector<AuditEntry> audit,
                                         Deadline deadline) = 0;

  /// Also ends the user's sessions that expired before `session.created_at`, and the least recently used beyond the
  /// maximum. Errors: not_found when there is no such user.
  virtual Task<Result<void>> open_session(Session session, Deadline deadline) = 0;
  /// A session that expired before `rotation.at` is absent.
  virtual Task<Result<RotationOutcome>> rotate_session(Rotation rotation, Deadline deadline) = 0;
  /// All of a user's sessions, the last used first; expired ones may still be among them.
  virtual Task<Result<std::vector<Session>>> list_sessions(UserId user, Deadline deadline) = 0;
  /// False when the user has no such session.
  virtual Task<Result<bool>> close_session(UserId user, SessionId session, Deadline deadline) = 0;

  /// Appends and returns the entry's sequence.
  virtual Task<Result<std::int64_t>> append_audit(AuditEntry entry, Deadline deadline) = 0;
  /// Up to `limit` entries, the newest first, those with a sequence below `before`.
  virtual Task<Result<std::vector<AuditEntry>>> list_audit(AuditFilter filter, std::optional<std::int64_t> before,
                                                           std::size_t limit, Deadline deadline) = 0;

  /// The secret stored under `name`; `proposed` is stored first when there is none. All callers of all nodes get the
  /// same one.
  virtual Task<Result<std::string>> get_or_create_secret(std::string name, std::string proposed, Deadline deadline) = 0;
};

}  // namespace edda
