#pragma once

#include <optional>
#include <vector>

#include "base/digest.hpp"
#include "base/result.hpp"
#include "ports/event_store.hpp"
#include "ports/task.hpp"

namespace edda {

/// A command key or a claim with what stands under it.
struct KeyEntry {
  Digest128 key;
  StoredKey stored;
};

/// All keys of a store, for copying it. Errors: unavailable.
class KeySource {
 public:
  virtual ~KeySource() = default;
  /// Up to `limit` keys after `after`, ascending by their bytes.
  virtual Task<Result<std::vector<KeyEntry>>> read_keys(std::optional<Digest128> after, std::size_t limit,
                                                        Deadline deadline) = 0;
};

/// Where keys are copied to.
class KeySink : public KeySource {
 public:
  /// Keys that are there already stay as they are. Errors: also outcome_unknown (adding again is harmless).
  virtual Task<Result<void>> add_keys(std::vector<KeyEntry> keys, Deadline deadline) = 0;
};

}  // namespace edda
