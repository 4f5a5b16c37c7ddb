#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "cli/api.hpp"

namespace edda::cli {

struct DemoUser {
  std::string email;
  std::string password;
  std::string role;
};
/// The users of the demo. Their passwords are public: the demo listens on this machine only and holds nothing.
const std::vector<DemoUser>& demo_users();

/// Makes the demo's users if they are not there, and places orders as the customer.
class DemoGenerator {
 public:
  explicit DemoGenerator(Api admin) : admin_(admin), customer_(std::move(admin)) {}

  /// Errors: whatever the server refuses.
  Result<void> seed_users();
  /// Places the next order; some cannot be paid for, some are cancelled, shipped, delivered or partly refunded later.
  Result<void> step();
  std::size_t placed() const { return placed_; }

 private:
  Result<std::string> place(bool payable);
  Result<void> follow_up(const std::string& order);

  Api admin_;
  Api customer_;
  std::size_t placed_ = 0;
  std::deque<std::string> open_;
};

}  // namespace edda::cli
