#include "accounts/user_cache.hpp"

#include <algorithm>
#include <utility>

namespace edda::accounts {

UserCache::UserCache(std::size_t entries_max, std::chrono::seconds age_max)
    : generation_max_(std::max<std::size_t>(1, entries_max / 2)), age_max_(age_max) {}

std::shared_ptr<const KnownUser> UserCache::find(UserId user, SteadyTime now) {
  const std::lock_guard lock(mutex_);
  auto found = young_.find(user);
  if (found == young_.end()) {
    const auto aged = old_.find(user);
    if (aged == old_.end()) return nullptr;
    auto known = std::move(aged->second);
    old_.erase(aged);
    insert(user, std::move(known));
    found = young_.find(user);
  }
  if (now - found->second->read_at_steady > age_max_) {
    young_.erase(found);
    return nullptr;
  }
  return found->second;
}

std::uint64_t UserCache::ticket() const {
  const std::lock_guard lock(mutex_);
  return forgotten_;
}

void UserCache::put(UserId user, std::shared_ptr<const KnownUser> known, std::uint64_t ticket) {
  const std::lock_guard lock(mutex_);
  if (ticket != forgotten_) return;
  old_.erase(user);
  insert(user, std::move(known));
}

void UserCache::forget(UserId user) {
  const std::lock_guard lock(mutex_);
  ++forgotten_;
  young_.erase(user);
  old_.erase(user);
}

std::size_t UserCache::size() const {
  const std::lock_guard lock(mutex_);
  return young_.size() + old_.size();
}

void UserCache::insert(UserId user, std::shared_ptr<const KnownUser> known) {
  if (young_.size() >= generation_max_) {
    old_ = std::move(young_);
    young_.clear();
  }
  young_.insert_or_assign(user, std::move(known));
}

}  // namespace edda::accounts
