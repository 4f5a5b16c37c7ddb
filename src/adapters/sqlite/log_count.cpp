#include "sqlite/log_count.hpp"

#include "sqlite/event_queries.hpp"
#include "sqlite/place.hpp"

namespace edda::sqlite {
namespace {

// Some tens of milliseconds of reading.
constexpr std::int64_t counted_a_read = 20'000;

class LogCounter {
 public:
  LogCounter(Database& database, std::function<void(const Row&)> each, Deadline deadline)
      : database_(database), each_(std::move(each)), deadline_(deadline) {}

  Task<Result<LogCount>> run() {
    CO_TRY(const auto heads, co_await database_.read([](Connection& c) { return last_positions(c); }, deadline_));
    count_.ends.resize(heads.size());
    for (std::size_t shard = 0; shard < heads.size(); ++shard) {
      for (bool more = true; more;) {
        CO_TRY(more, co_await database_.read([&](Connection& c) { return walk(c, shard); }, deadline_));
      }
    }
    CO_TRY_VOID(co_await database_.read([&](Connection& c) { return finish(c); }, deadline_));
    co_return std::move(count_);
  }

 private:
  using Counts = std::map<std::pair<std::string, std::string>, std::int64_t, std::less<>>;

  /// Reads on from where the last read of the shard ended; false at its end.
  Result<bool> walk(Connection& connection, std::size_t shard) {
    TRY(Statement * query, connection.statement("SELECT place, at, type FROM events WHERE place > ? AND place < ?"
                                                " ORDER BY place LIMIT ?"));
    const ShardId id{static_cast<std::uint16_t>(shard)};
    const ShardId next{static_cast<std::uint16_t>(shard + 1)};
    Rows rows = query->query(place_of(id, count_.ends[shard]), place_of(next, Position{0}), counted_a_read);
    for (std::int64_t read = 0;; ++read) {
      TRY(const bool found, rows.next());
      if (!found) return read == counted_a_read;
      count_.ends[shard] = position_of_place(rows.integer(0));
      ++count_.events;
      ++counted_[{"event", rows.text(2)}];
      if (each_) each_(rows);
    }
  }

  Result<bool> finish(Connection& connection) {
    for (std::size_t shard = 0; shard < count_.ends.size(); ++shard) {
      for (bool more = true; more;) {
        TRY(more, walk(connection, shard));
      }
    }
    TRY(count_.heads, last_positions(connection));
    TRY_VOID(count_rows(connection));
    TRY_VOID(compare_totals(connection));
    return true;
  }

  Result<void> count_rows(Connection& connection) {
    TRY(Statement * query,
        connection.statement("SELECT 'order', status, count(*) FROM order_view GROUP BY status"
                             " UNION ALL SELECT 'payment', status, count(*) FROM payment_view GROUP BY status"
                             " UNION ALL SELECT 'saga', status, count(*) FROM saga_view GROUP BY status"));
    Rows rows = query->query();
    for (;;) {
      TRY(const bool found, rows.next());
      if (!found) return {};
      counted_[{rows.text(0), rows.text(1)}] = rows.integer(2);
    }
  }

  Result<void> compare_totals(Connection& connection) {
    Counts stored;
    TRY(Statement * query, connection.statement("SELECT kind, name, n FROM totals"));
    Rows rows = query->query();
    for (;;) {
      TRY(const bool found, rows.next());
      if (!found) break;
      stored[{rows.text(0), rows.text(1)}] = rows.integer(2);
    }
    for (const auto& [name, n] : counted_) stored.try_emplace(name, 0);
    for (const auto& [name, n] : stored) {
      const std::int64_t counted = counted_[name];
      if (n != counted) count_.wrong_totals.push_back({name.first, name.second, n, counted});
    }
    return {};
  }

  Database& database_;
  const std::function<void(const Row&)> each_;
  const Deadline deadline_;
  LogCount count_;
  Counts counted_;
};

}  // namespace

Task<Result<LogCount>> count_log(Database& database, std::function<void(const Row&)> each, Deadline deadline) {
  LogCounter counter(database, std::move(each), deadline);
  co_return co_await counter.run();
}

}  // namespace edda::sqlite
