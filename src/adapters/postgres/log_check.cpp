#include "postgres/log_check.hpp"

#include <fmt/format.h>

#include <functional>

namespace edda::postgres {
namespace {

constexpr std::size_t findings_max = 100;

// Each gives a row for what is wrong and, in its first column, how many such rows there are; no more than fit are fetched.

constexpr std::string_view wrong_positions =
    "SELECT count(*) OVER (), shard, pos, before, backwards FROM (SELECT shard, pos, lag(pos, 1, 0::bigint) OVER w AS before,"
    " coalesce(at < lag(at) OVER w, false) AS backwards FROM events WINDOW w AS (PARTITION BY shard ORDER BY pos)) e"
    " WHERE pos <> before + 1 OR backwards ORDER BY shard, pos LIMIT $1";

constexpr std::string_view wrong_heads =
    "SELECT count(*) OVER (), shard, ends, last_pos FROM (SELECT s.shard, s.last_pos,"
    " coalesce((SELECT max(e.pos) FROM events e WHERE e.shard = s.shard), 0) AS ends FROM shards s) h"
    " WHERE ends <> last_pos ORDER BY shard LIMIT $1";

constexpr std::string_view wrong_versions =
    "SELECT count(*) OVER (), stream, version, before FROM (SELECT stream, version,"
    " lag(version, 1, 0::bigint) OVER (PARTITION BY stream ORDER BY version) AS before FROM events) e"
    " WHERE version <> before + 1 ORDER BY stream, version LIMIT $1";

constexpr std::string_view wrong_keys =
    "SELECT count(*) OVER (), key, version, stream FROM keys k WHERE NOT EXISTS (SELECT 1 FROM events e"
    " WHERE e.stream = k.stream AND e.version = greatest(k.version, 1)) ORDER BY key LIMIT $1";

// Texts that stand in the statement have a collation of their own, which would not go with the tables'.
constexpr std::string_view compared_totals =
    "WITH counted AS ("
    " SELECT 'event' COLLATE \"C\" AS kind, type AS name, count(*) AS n FROM events GROUP BY type"
    " UNION ALL SELECT 'order' COLLATE \"C\", status, count(*) FROM order_view GROUP BY status"
    " UNION ALL SELECT 'payment' COLLATE \"C\", status, count(*) FROM payment_view GROUP BY status"
    " UNION ALL SELECT 'saga' COLLATE \"C\", status, count(*) FROM saga_view GROUP BY status),"
    " stored AS (SELECT kind, name, sum(n)::bigint AS n FROM totals GROUP BY kind, name)"
    " SELECT kind, name, coalesce(stored.n, 0), coalesce(counted.n, 0) FROM stored FULL JOIN counted USING (kind, name)"
    " WHERE coalesce(stored.n, 0) <> coalesce(counted.n, 0) ORDER BY kind, name";

class LogCheck {
 public:
  LogCheck(Connection& connection, Deadline deadline) : connection_(connection), deadline_(deadline) {}

  Task<Result<StoreFindings>> run() {
    CO_TRY_VOID(co_await allow_until(connection_, deadline_));
    CO_TRY(found_.events, co_await count("SELECT count(*) FROM events"));
    CO_TRY(found_.streams, co_await count("SELECT count(*) FROM (SELECT DISTINCT stream FROM events) s"));
    CO_TRY(found_.keys, co_await count("SELECT count(*) FROM keys"));
    CO_TRY_VOID(co_await look(wrong_positions, [](const Row& row) {
      if (row.boolean(4)) return fmt::format("Shard {}: time runs backwards at position {}.", row.integer(1), row.integer(2));
      return fmt::format("Shard {}: position {} follows {}.", row.integer(1), row.integer(2), row.integer(3));
    }));
    CO_TRY_VOID(co_await look(wrong_heads, [](const Row& row) {
      return fmt::format("Shard {}: the log ends at {}, the shard's row says {}.", row.integer(1), row.integer(2),
                         row.integer(3));
    }));
    CO_TRY_VOID(co_await look(wrong_versions, [](const Row& row) {
      return fmt::format("Stream {}: version {} follows {}.", to_string(row.uuid(1)), row.integer(2), row.integer(3));
    }));
    CO_TRY_VOID(co_await look(wrong_keys, [](const Row& row) {
      return fmt::format("Key {}: names version {} of stream {}, which does not exist.", to_hex(row.uuid(1).bytes),
                         row.integer(2), to_string(row.uuid(3)));
    }));
    CO_TRY(const auto totals, co_await wrong_totals(connection_, deadline_));
    for (const WrongTotal& wrong : totals) {
      ++found_.findings_total;
      report(fmt::format("Totals: {} {} {}, but there are {}.", wrong.stored, wrong.kind, wrong.name, wrong.counted));
    }
    co_return std::move(found_);
  }

 private:
  Task<Result<std::int64_t>> count(std::string_view sql) {
    CO_TRY(const Rows rows, co_await connection_.read(sql, {}, deadline_));
    co_return rows.front().integer(0);
  }

  Task<Result<void>> look(std::string_view sql, std::function<std::string(const Row&)> in_words) {
    CO_TRY(const Rows rows, co_await connection_.read(sql, params(findings_max), deadline_));
    if (!rows.empty()) found_.findings_total += rows.front().integer(0);
    for (const Row& row : rows) report(in_words(row));
    co_return Result<void>();
  }

  void report(std::string finding) {
    if (found_.findings.size() < findings_max) found_.findings.push_back(std::move(finding));
  }

  Connection& connection_;
  const Deadline deadline_;
  StoreFindings found_;
};

}  // namespace

Task<Result<void>> allow_until(Connection& connection, Deadline deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline.at - std::chrono::steady_clock::now());
  const auto allowed = std::clamp<std::int64_t>(left.count(), 1, std::numeric_limits<int>::max());
  return connection.execute(fmt::format("SET LOCAL statement_timeout = {}", allowed), Effect::read, deadline);
}

Task<Result<std::vector<WrongTotal>>> wrong_totals(Connection& connection, Deadline deadline) {
  CO_TRY(const Rows rows, co_await connection.read(compared_totals, {}, deadline));
  std::vector<WrongTotal> wrong;
  for (const Row& row : rows) wrong.push_back({row.text(0), row.text(1), row.integer(2), row.integer(3)});
  co_return wrong;
}

Task<Result<StoreFindings>> PostgresStoreCheck::check_log(Deadline deadline) {
  auto work = [deadline](Connection& connection) -> Task<Result<StoreFindings>> {
    LogCheck check(connection, deadline);
    co_return co_await check.run();
  };
  co_return co_await pool_.transaction(std::move(work), deadline, one_instant);
}

Task<Result<StoreStats>> PostgresStoreCheck::quick_stats(Deadline deadline) {
  CO_TRY(const Rows rows,
         co_await pool_.read("SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint,"
                             " current_setting('block_size')::bigint FROM pg_class c"
                             " WHERE c.relnamespace = 'edda'::regnamespace AND c.relkind = 'r'",
                             {}, deadline));
  StoreStats stats;
  stats.file_bytes = rows.front().integer(0);
  stats.pages = stats.file_bytes / rows.front().integer(1);
  co_return stats;
}

}  // namespace edda::postgres
