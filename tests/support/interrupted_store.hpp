#pragma once

#include <functional>
#include <utility>

#include "support/forwarding_store.hpp"

namespace edda::testing_support {

/// Something happens, once, before the read of a stream.
class InterruptedStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  Task<Result<std::vector<RecordedEvent>>> read_stream(StreamId stream, StreamVersion after, std::size_t limit,
                                                       Deadline deadline) override {
    if (stream == before && meanwhile) std::exchange(meanwhile, nullptr)();
    return ForwardingStore::read_stream(stream, after, limit, deadline);
  }
  StreamId before;
  std::function<void()> meanwhile;
};

}  // namespace edda::testing_support
