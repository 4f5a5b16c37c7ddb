#include "maintenance/copy_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

namespace edda::maintenance {
namespace {

constexpr std::size_t differences_max = 20;
constexpr std::size_t page_rows = 1'000;

bool same(const RecordedEvent& a, const RecordedEvent& b) {
  return a.stream == b.stream && a.version == b.version && a.type == b.type && a.at == b.at && a.node == b.node &&
         a.turn == b.turn && a.correlation == b.correlation && a.causation == b.causation && a.data == b.data;
}

/// One shard of the target, read on as the source's events come.
struct Shard {
  std::deque<RecordedEvent> ahead;
  Position read;
};

class LogComparison {
 public:
  LogComparison(EventStore& target, CopyReport& report, Deadline deadline)
      : target_(target), report_(report), deadline_(deadline), shards_(target.info().shards) {}

  /// False when it differs: what follows in the shard would differ too.
  Task<Result<bool>> take(const RecordedEvent& event) {
    const ShardId id = shard_of(event.stream.value, target_.info().shards);
    CO_TRY(const RecordedEvent* copied, co_await front(id));
    if (copied == nullptr || !same(event, *copied)) {
      note(report_, fmt::format("Shard {}: the event at the source's position {} is not what follows.", id.value,
                                event.position.value));
      co_return false;
    }
    shards_[id.value].ahead.pop_front();
    co_return true;
  }

  Task<Result<void>> end() {
    for (std::uint16_t i = 0; i < target_.info().shards; ++i) {
      CO_TRY(const RecordedEvent* more, co_await front(ShardId{i}));
      if (more != nullptr) note(report_, fmt::format("Shard {}: has events that the source has not.", i));
    }
    co_return Result<void>();
  }

 private:
  Task<Result<const RecordedEvent*>> front(ShardId id) {
    Shard& shard = shards_[id.value];
    if (shard.ahead.empty()) {
      CO_TRY(auto events, co_await target_.read_shard(id, shard.read, page_rows, deadline_));
      if (events.empty()) co_return nullptr;
      shard.read = events.back().position;
      std::ranges::move(events, std::back_inserter(shard.ahead));
    }
    co_return &shard.ahead.front();
  }

  EventStore& target_;
  CopyReport& report_;
  const Deadline deadline_;
  std::vector<Shard> shards_;
};

bool same(const KeyEntry& a, const KeyEntry& b) {
  return a.key == b.key && a.stored.stream == b.stored.stream && a.stored.version == b.stored.version &&
         a.stored.fingerprint == b.stored.fingerprint;
}

}  // namespace

void note(CopyReport& report, std::string difference) {
  if (report.differences.size() < differences_max) report.differences.push_back(std::move(difference));
}

Task<Result<void>> compare_logs(EventStore& source, EventStore& target, CopyReport& report, Deadline deadline) {
  LogComparison comparison(target, report, deadline);
  Position after;
  for (;;) {
    CO_TRY(const auto events, co_await source.read_shard(ShardId{0}, after, page_rows, deadline));
    if (events.empty()) co_return co_await comparison.end();
    for (const RecordedEvent& event : events) {
      CO_TRY(const bool agrees, co_await comparison.take(event));
      if (!agrees) co_return Result<void>();
    }
    after = events.back().position;
  }
}

Task<Result<void>> compare_keys(KeySource& source, KeySource& target, CopyReport& report, Deadline deadline) {
  std::optional<Digest128> after;
  for (bool more = true; more;) {
    CO_TRY(const auto keys, co_await source.read_keys(after, page_rows, deadline));
    CO_TRY(const auto there, co_await target.read_keys(after, page_rows, deadline));
    if (!std::ranges::equal(keys, there, [](const KeyEntry& a, const KeyEntry& b) { return same(a, b); })) {
      note(report, "The command keys and claims differ.");
      co_return Result<void>();
    }
    more = keys.size() == page_rows;
    if (!keys.empty()) after = keys.back().key;
  }
  co_return Result<void>();
}

}  // namespace edda::maintenance
