#include "ports/users.hpp"

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

}  // namespace edda
