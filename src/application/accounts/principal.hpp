#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"

namespace edda {

enum class Role { admin, customer, merchant, operator_ };

/// The role as clients and tokens name it: admin customer merchant operator.
constexpr std::string_view to_string(Role role) {
  switch (role) {
    case Role::admin:
      return "admin";
    case Role::customer:
      return "customer";
    case Role::merchant:
      return "merchant";
    case Role::operator_:
      return "operator";
  }
  return "customer";
}

constexpr std::optional<Role> parse_role(std::string_view text) {
  for (const Role role : {Role::admin, Role::customer, Role::merchant, Role::operator_}) {
    if (text == to_string(role)) return role;
  }
  return std::nullopt;
}

/// Who sends a request, as far as the routes care.
struct Principal {
  UserId user;
  std::string email;
  Role role = Role::customer;
};

}  // namespace edda
