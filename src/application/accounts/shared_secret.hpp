#pragma once

#include <string>

#include "base/result.hpp"
#include "ports/crypto.hpp"
#include "ports/users.hpp"

namespace edda::accounts {

/// The secret that the nodes of this store share under `name`: 64 hexadecimal digits (256 bits), made by whoever asks
/// first.
Task<Result<std::string>> shared_secret(UserStore& store, SecretRandom& secrets, std::string name, Deadline deadline);

}  // namespace edda::accounts
