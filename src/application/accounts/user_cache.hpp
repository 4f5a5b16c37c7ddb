#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "accounts/principal.hpp"
#include "base/timestamp.hpp"
#include "ports/task.hpp"
#include "ports/users.hpp"

namespace edda::accounts {

/// What a token is judged by, as the store said at `read_at`.
struct KnownUser {
  bool exists = false;
  std::string email = {};
  Role role = Role::customer;
  UserStatus status = UserStatus::inactive;
  std::int64_t generation = 0;
  std::vector<SessionId> sessions = {};
  Timestamp read_at = {};  ///< wall clock, before the store was asked
  SteadyTime read_at_steady = {};
};

/// Users that sent a request lately, so that a request does not ask the store. Two generations: when the young one has
/// half of the room, the old one is dropped and the young one becomes old; whoever is found in the old one is young
/// again. Thread-safety: callable from any thread.
class UserCache {
 public:
  UserCache(std::size_t entries_max, std::chrono::seconds age_max);

  /// Null when the user is unknown here or was read longer ago than age_max.
  std::shared_ptr<const KnownUser> find(UserId user, SteadyTime now);
  /// To be read before the store is asked and handed to put().
  std::uint64_t ticket() const;
  /// Does nothing if anybody was forgotten since `ticket`: what was read may be older than that change.
  void put(UserId user, std::shared_ptr<const KnownUser> known, std::uint64_t ticket);
  /// The user was changed: the store is asked next time.
  void forget(UserId user);
  std::size_t size() const;

 private:
  using Table = std::unordered_map<UserId, std::shared_ptr<const KnownUser>>;
  void insert(UserId user, std::shared_ptr<const KnownUser> known);

  const std::size_t generation_max_;
  const std::chrono::seconds age_max_;
  mutable std::mutex mutex_;
  Table young_;
  Table old_;
  std::uint64_t forgotten_ = 0;
};

}  // namespace edda::accounts
