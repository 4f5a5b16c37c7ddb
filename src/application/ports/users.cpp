#include "ports/users.hpp"

#include <algorithm>

namespace edda {

std::string_view to_string(UserStatus status) {
  switch (status) {
    case UserStatus::active:
      return "active";
    case UserStatus::inactive:
      return "inactive";
    case UserStatus::suspended:
      return "suspended";
  }
  return "inactive";
}

std::optional<UserStatus> parse_user_status(std::string_view text) {
  for (const UserStatus status : {UserStatus::active, UserStatus::inactive, UserStatus::suspended}) {
    if (text == to_string(status)) return status;
  }
  return std::nullopt;
}

bool is_active_admin(const User& user) { return user.role == Role::admin && user.status == UserStatus::active; }

bool needs_other_admin(const User& user, const UserChange& change) {
  const bool stays =
      change.role.value_or(user.role) == Role::admin && change.status.value_or(user.status) == UserStatus::active;
  return change.keep_an_admin && is_active_admin(user) && !stays;
}

std::unexpected<Error> no_admin_left() {
  return fail(Errc::rejected, "No active administrator would be left: appoint another first", {}, "last_admin");
}

bool rotate(Session& session, const Rotation& rotation) {
  const bool good = rotation.presented == session.token;
  const bool repeated = rotation.presented == session.previous && rotation.at < session.previous_until;
  if (!good && !repeated) return false;
  // A repeat does not lengthen the time for the next: the first use started it. It may end it.
  session.previous_until =
      good ? rotation.repeatable_until : std::min(session.previous_until, rotation.repeatable_until);
  session.previous = rotation.presented;
  session.token = rotation.next;
  session.used_at = rotation.at;
  session.expires_at = rotation.expires_at;
  session.address = rotation.address;
  session.agent = rotation.agent;
  return true;
}

}  // namespace edda
