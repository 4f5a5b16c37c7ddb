#include "queries/visibility.hpp"

namespace edda::queries {

Visibility visible_to(const Principal& caller) {
  const bool reads_all = caller.role == Role::operator_ || caller.role == Role::admin;
  return reads_all ? Visibility{} : Visibility{caller.user};
}

bool may_change(const Principal& caller, UserId owner) { return caller.role == Role::admin || caller.user == owner; }

}  // namespace edda::queries
