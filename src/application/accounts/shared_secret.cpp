#include "accounts/shared_secret.hpp"

#include <array>

#include "base/digest.hpp"

namespace edda::accounts {

Task<Result<std::string>> shared_secret(UserStore& store, SecretRandom& secrets, std::string name, Deadline deadline) {
  std::array<std::uint8_t, 32> bytes;
  secrets.fill(bytes);
  co_return co_await store.get_or_create_secret(std::move(name), to_hex(bytes), deadline);
}

}  // namespace edda::accounts
