#include "paysim/key_memory.hpp"

#include <fmt/format.h>

namespace edda::paysim {
namespace {

constexpr std::size_t keys_max = 1'000'000;

}  // namespace

int KeyMemory::count_send(const std::string& key) {
  const auto found = sends_.find(key);
  if (found != sends_.end()) return found->second++;
  if (sends_.size() < keys_max) sends_.emplace(key, 1);
  return 0;
}

Task<std::string> KeyMemory::take(std::string key) {
  if (!forget_after_) co_return key;
  auto before = co_await known(key);
  if (before && is_old(*before)) before = Known{clock_.steady_now(), before->forgotten + 1};
  const Known now = before.value_or(Known{clock_.steady_now()});
  if (known_.size() < keys_max || known_.contains(key)) known_[key] = now;
  co_return numbered(key, now.forgotten);
}

Task<std::optional<std::string>> KeyMemory::find(std::string key) {
  if (!forget_after_) co_return key;
  const auto found = co_await known(key);
  if (!found || is_old(*found)) co_return std::nullopt;
  co_return numbered(key, found->forgotten);
}

Task<bool> KeyMemory::stands(std::string ledger_key) {
  const auto found = co_await ledger_.find(std::move(ledger_key), clock_.deadline_in(std::chrono::seconds(1)));
  co_return found && *found;
}

std::string KeyMemory::numbered(const std::string& key, int forgotten) {
  return forgotten == 0 ? key : fmt::format("{}~{}", key, forgotten);
}

bool KeyMemory::is_old(const Known& known) { return clock_.steady_now() - known.since >= *forget_after_; }

/// From memory; else from the ledger, of an earlier run.
Task<std::optional<KeyMemory::Known>> KeyMemory::known(std::string key) {
  if (const auto found = known_.find(key); found != known_.end()) co_return found->second;
  int times = 0;
  while (co_await stands(numbered(key, times))) ++times;
  if (times == 0) co_return std::nullopt;
  const Known from_before{clock_.steady_now(), times - 1};
  if (known_.size() < keys_max) known_.emplace(std::move(key), from_before);
  co_return from_before;
}

}  // namespace edda::paysim
