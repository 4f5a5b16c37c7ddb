#include "sqlite/log_check.hpp"

#include <fmt/format.h>

#include <map>
#include <string>

#include "base/digest.hpp"
#include "sqlite/event_queries.hpp"
#include "sqlite/place.hpp"

namespace edda::sqlite {
namespace {

constexpr std::size_t findings_max = 100;

class LogCheck {
 public:
  explicit LogCheck(Connection& connection) : connection_(connection) {}

  Result<StoreFindings> run() {
    TRY_VOID(check_positions());
    TRY_VOID(check_versions());
    TRY_VOID(check_keys());
    TRY_VOID(check_totals());
    return std::move(found_);
  }

 private:
  Result<void> check_positions();
  Result<void> check_versions();
  Result<void> check_keys();
  Result<void> check_totals();
  void check_place(const Row& row);
  template <class Each>
  Result<void> for_each(std::string_view sql, Each each);

  void report(std::string finding) {
    ++found_.findings_total;
    if (found_.findings.size() < findings_max) found_.findings.push_back(std::move(finding));
  }

  Connection& connection_;
  StoreFindings found_;
  std::map<std::string, std::int64_t, std::less<>> counted_;  // "kind name" -> rows
  // Of the shard and stream being walked through.
  ShardId shard_;
  std::int64_t position_ = 0;
  Timestamp at_;
  std::map<ShardId, std::int64_t> ends_;
};

template <class Each>
Result<void> LogCheck::for_each(std::string_view sql, Each each) {
  TRY(Statement query, connection_.prepare(sql));
  Rows rows = query.query();
  for (;;) {
    TRY(const bool found, rows.next());
    if (!found) return {};
    each(rows);
  }
}

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
  if (row.timestamp(1) < at_) report(fmt::format("Shard {}: time runs backwards at position {}.", shard.value, position));
  position_ = position;
  at_ = row.timestamp(1);
  ends_[shard] = position;
  ++found_.events;
  const std::string type = fmt::format("event {}", row.text_view(2));
  ++counted_[type];
}

Result<void> LogCheck::check_positions() {
  TRY_VOID(for_each("SELECT place, at, type FROM events ORDER BY place", [&](const Row& row) { check_place(row); }));
  TRY(const auto last, last_positions(connection_));
  for (std::size_t i = 0; i < last.size(); ++i) {
    const std::int64_t end = ends_[ShardId{static_cast<std::uint16_t>(i)}];
    if (end != last[i].value) {
      report(fmt::format("Shard {}: the log ends at {}, the shard's row says {}.", i, end, last[i].value));
    }
  }
  return {};
}

Result<void> LogCheck::check_versions() {
  StreamId stream;
  std::int64_t version = 0;
  return for_each("SELECT stream, version FROM events ORDER BY stream, version", [&](const Row& row) {
    const auto next = row.id<StreamId>(0);
    if (next != stream || found_.streams == 0) {
      stream = next;
      version = 0;
      ++found_.streams;
    }
    if (row.integer(1) != version + 1) {
      report(fmt::format("Stream {}: version {} follows {}.", to_string(stream), row.integer(1), version));
    }
    version = row.integer(1);
  });
}

Result<void> LogCheck::check_keys() {
  TRY(found_.keys, connection_.integer("SELECT count(*) FROM keys"));
  return for_each(
      "SELECT key, stream, version FROM keys k WHERE NOT EXISTS"
      " (SELECT 1 FROM events e WHERE e.stream = k.stream AND e.version = max(k.version, 1))",
      [&](const Row& row) {
        report(fmt::format("Key {}: names version {} of stream {}, which does not exist.", to_hex(row.blob(0)),
                           row.integer(2), to_string(row.uuid(1))));
      });
}

Result<void> LogCheck::check_totals() {
  TRY_VOID(for_each("SELECT 'order', status, count(*) FROM order_view GROUP BY status"
                    " UNION ALL SELECT 'payment', status, count(*) FROM payment_view GROUP BY status"
                    " UNION ALL SELECT 'saga', status, count(*) FROM saga_view GROUP BY status",
                    [&](const Row& row) {
                      const std::string name = fmt::format("{} {}", row.text_view(0), row.text_view(1));
                      counted_[name] = row.integer(2);
                    }));
  TRY_VOID(for_each("SELECT kind, name, n FROM totals", [&](const Row& row) {
    const std::string name = fmt::format("{} {}", row.text_view(0), row.text_view(1));
    const std::int64_t counted = counted_[name];
    counted_.erase(name);
    if (counted != row.integer(2)) {
      report(fmt::format("Totals: {} {}, but there are {}.", row.integer(2), name, counted));
    }
  }));
  for (const auto& [name, counted] : counted_) report(fmt::format("Totals: {} {} are not counted.", counted, name));
  return {};
}

}  // namespace

Result<StoreFindings> check_log(Connection& connection) { return LogCheck(connection).run(); }

}  // namespace edda::sqlite
