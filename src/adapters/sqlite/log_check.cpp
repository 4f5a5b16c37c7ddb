#include "sqlite/log_check.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "base/digest.hpp"
#include "sqlite/log_count.hpp"
#include "sqlite/place.hpp"

namespace edda::sqlite {
namespace {

constexpr std::size_t findings_max = 100;
// Some tens of milliseconds of reading.
constexpr std::int64_t checked_a_read = 20'000;

class LogCheck {
 public:
  LogCheck(Database& database, Deadline deadline) : database_(database), deadline_(deadline) {}

  Task<Result<StoreFindings>> run() {
    CO_TRY(const LogCount count,
           co_await count_log(database_, [this](const Row& row) { check_place(row); }, deadline_));
    report_count(count);
    for (bool more = true; more;) {
      CO_TRY(more, co_await database_.read([&](Connection& c) { return check_versions(c); }, deadline_));
    }
    for (bool more = true; more;) {
      CO_TRY(more, co_await database_.read([&](Connection& c) { return check_keys(c); }, deadline_));
    }
    co_return std::move(found_);
  }

 private:
  void check_place(const Row& row);
  void report_count(const LogCount& count);
  Result<bool> check_versions(Connection& connection);
  Result<bool> check_keys(Connection& connection);

  void report(std::string finding) {
    ++found_.findings_total;
    if (found_.findings.size() < findings_max) found_.findings.push_back(std::move(finding));
  }

  Database& database_;
  const Deadline deadline_;
  StoreFindings found_;
  // Where each walk stands.
  ShardId shard_;
  std::int64_t position_ = 0;
  Timestamp at_;
  std::vector<std::uint8_t> stream_;
  std::int64_t version_ = 0;
  std::vector<std::uint8_t> key_;
};

void LogCheck::check_place(const Row& row) {
  const std::int64_t place = row.integer(0);
  const ShardId shard = shard_of_place(place);
  const std::int64_t position = position_of_place(place).value;
  if (shard != shard_) {
    shard_ = shard;
    position_ = 0;
    at_ = Timestamp{};
  }
  if (position != position_ + 1) {
    report(fmt::format("Shard {}: position {} follows {}.", shard.value, position, position_));
  }
  if (row.timestamp(1) < at_)
    report(fmt::format("Shard {}: time runs backwards at position {}.", shard.value, position));
  position_ = position;
  at_ = row.timestamp(1);
}

void LogCheck::report_count(const LogCount& count) {
  found_.events = count.events;
  for (std::size_t shard = 0; shard < count.ends.size() && shard < count.heads.size(); ++shard) {
    if (count.ends[shard] == count.heads[shard]) continue;
    report(fmt::format("Shard {}: the log ends at {}, the shard's row says {}.", shard, count.ends[shard].value,
                       count.heads[shard].value));
  }
  for (const WrongTotal& wrong : count.wrong_totals) {
    report(fmt::format("Totals: {} {} {}, but there are {}.", wrong.stored, wrong.kind, wrong.name, wrong.counted));
  }
}

Result<bool> LogCheck::check_versions(Connection& connection) {
  TRY(Statement * query, connection.statement("SELECT stream, version FROM events WHERE (stream, version) > (?, ?)"
                                              " ORDER BY stream, version LIMIT ?"));
  Rows rows = query->query(stream_, version_, checked_a_read);
  for (std::int64_t read = 0;; ++read) {
    TRY(const bool found, rows.next());
    if (!found) return read == checked_a_read;
    const auto stream = rows.blob(0);
    if (!std::ranges::equal(stream, stream_)) {
      stream_.assign(stream.begin(), stream.end());
      version_ = 0;
      ++found_.streams;
    }
    if (rows.integer(1) != version_ + 1) {
      report(fmt::format("Stream {}: version {} follows {}.", to_string(rows.uuid(0)), rows.integer(1), version_));
    }
    version_ = rows.integer(1);
  }
}

Result<bool> LogCheck::check_keys(Connection& connection) {
  TRY(Statement * query,
      connection.statement("SELECT key, stream, version, EXISTS (SELECT 1 FROM events e WHERE e.stream = k.stream"
                           " AND e.version = max(k.version, 1)) FROM keys k WHERE key > ? ORDER BY key LIMIT ?"));
  Rows rows = query->query(key_, checked_a_read);
  for (std::int64_t read = 0;; ++read) {
    TRY(const bool found, rows.next());
    if (!found) return read == checked_a_read;
    const auto key = rows.blob(0);
    key_.assign(key.begin(), key.end());
    ++found_.keys;
    if (rows.integer(3) != 0) continue;
    report(fmt::format("Key {}: names version {} of stream {}, which does not exist.", to_hex(key), rows.integer(2),
                       to_string(rows.uuid(1))));
  }
}

}  // namespace

Task<Result<StoreFindings>> check_log(Database& database, Deadline deadline) {
  LogCheck check(database, deadline);
  co_return co_await check.run();
}

}  // namespace edda::sqlite
