#include "sqlite/view_rebuilder.hpp"

#include <fmt/format.h>

#include <array>

#include "ports/view_difference.hpp"
#include "sqlite/event_queries.hpp"
#include "sqlite/log_count.hpp"
#include "sqlite/stream_rows.hpp"

namespace edda::sqlite {
namespace {

constexpr std::size_t differences_max = 20;
// Events compared in one read: some tens of milliseconds.
constexpr std::int64_t events_a_read = 5'000;
// View rows looked at in one read for those whose stream does not exist.
constexpr std::int64_t rows_a_read = 20'000;
// Rows written in one transaction: appends wait for it.
constexpr std::size_t rows_a_write = 200;

/// A stream whose rows differ, or a row that stands where no stream began.
struct Wrong {
  StreamId stream;
  Timestamp created_at;
};

class Rebuilder {
 public:
  Rebuilder(Database& database, Appender& appender, StreamFold fold, bool compare_only, Deadline deadline)
      : database_(database),
        appender_(appender),
        fold_(std::move(fold)),
        compare_only_(compare_only),
        deadline_(deadline) {}

  Task<Result<RebuildReport>> run(std::function<void(std::int64_t)> progress) {
    for (bool more = true; more;) {
      CO_TRY(more, co_await database_.read([&](Connection& c) { return compare_streams(c); }, deadline_));
      CO_TRY_VOID(co_await repair());
      if (progress) progress(report_.streams);
    }
    for (const std::string_view kind : std::array<std::string_view, 4>{"order", "payment", "saga", "product"}) {
      after_at_ = 0;
      after_id_.clear();
      for (bool more = true; more;) {
        CO_TRY(more, co_await database_.read([&](Connection& c) { return find_strays(c, kind); }, deadline_));
        CO_TRY_VOID(co_await repair());
      }
    }
    CO_TRY_VOID(co_await correct_totals());
    co_return std::move(report_);
  }

 private:
  Result<bool> compare_streams(Connection& connection);
  Result<void> compare(Connection& connection, const std::vector<RecordedEvent>& stream);
  Result<bool> find_strays(Connection& connection, std::string_view kind);
  Task<Result<void>> repair();
  Result<void> repair_one(Connection& connection, WriteStatements& statements, const Wrong& wrong);
  Task<Result<void>> correct_totals();

  void note(const std::optional<std::string>& line) {
    if (!line) return;
    ++report_.rows_changed;
    if (report_.differences.size() < differences_max) report_.differences.push_back(*line);
  }

  Database& database_;
  Appender& appender_;
  const StreamFold fold_;
  const bool compare_only_;
  const Deadline deadline_;
  RebuildReport report_;
  std::vector<Wrong> wrong_;
  std::vector<std::uint8_t> after_stream_;
  std::int64_t after_at_ = 0;
  std::vector<std::uint8_t> after_id_;
};

Result<bool> Rebuilder::compare_streams(Connection& connection) {
  static const std::string sql =
      fmt::format("SELECT {} FROM events WHERE stream > ? ORDER BY stream, version", event_columns);
  TRY(Statement * query, connection.statement(sql));
  Rows rows = query->query(after_stream_);
  std::vector<RecordedEvent> stream;
  const std::int64_t enough = report_.events + events_a_read;
  for (;;) {
    TRY(const bool found, rows.next());
    if (!stream.empty() && (!found || rows.id<StreamId>(1) != stream.front().stream)) {
      TRY_VOID(compare(connection, stream));
      after_stream_.assign(stream.front().stream.value.bytes.begin(), stream.front().stream.value.bytes.end());
      stream.clear();
      if (found && report_.events >= enough) return true;
    }
    if (!found) return false;
    stream.push_back(recorded_event(rows));
  }
}

Result<void> Rebuilder::compare(Connection& connection, const std::vector<RecordedEvent>& stream) {
  const Wrong here{stream.front().stream, stream.front().at};
  TRY(const ViewRows log, rows_of_log(stream, fold_));
  TRY(const ViewRows live, rows_of_views(connection, here.stream, here.created_at));
  const std::int64_t before = report_.rows_changed;
  note(difference(live.order, log.order));
  note(difference(live.payment, log.payment));
  note(difference(live.saga, log.saga));
  note(difference(live.product, log.product));
  if (report_.rows_changed != before) wrong_.push_back(here);
  ++report_.streams;
  report_.events += static_cast<std::int64_t>(stream.size());
  return {};
}

Result<bool> Rebuilder::find_strays(Connection& connection, std::string_view kind) {
  TRY(Statement * query,
      connection.statement(fmt::format(
          "SELECT v.created_at, v.id, EXISTS (SELECT 1 FROM events e WHERE e.stream = v.id AND e.version = 1"
          " AND e.at = v.created_at) FROM {}_view v WHERE (v.created_at, v.id) > (?, ?) ORDER BY v.created_at, v.id "
          "LIMIT ?",
          kind)));
  Rows rows = query->query(after_at_, after_id_, rows_a_read);
  for (std::int64_t read = 0;; ++read) {
    TRY(const bool found, rows.next());
    if (!found) return read == rows_a_read;
    after_at_ = rows.integer(0);
    const auto id = rows.blob(1);
    after_id_.assign(id.begin(), id.end());
    if (rows.integer(2) != 0) continue;
    note(fmt::format("{}_view {}: has no events", kind, to_string(rows.uuid(1))));
    wrong_.push_back({rows.id<StreamId>(1), rows.timestamp(0)});
  }
}

Task<Result<void>> Rebuilder::repair() {
  const std::vector<Wrong> wrong = std::exchange(wrong_, {});
  if (compare_only_) co_return Result<void>();
  for (std::size_t first = 0; first < wrong.size(); first += rows_a_write) {
    const std::size_t end = std::min(first + rows_a_write, wrong.size());
    CO_TRY_VOID(co_await database_.write(
        [&](Connection& connection) -> Result<void> {
          appender_.forget_streams();
          TRY(WriteStatements statements, WriteStatements::prepare(connection));
          for (std::size_t i = first; i < end; ++i) TRY_VOID(repair_one(connection, statements, wrong[i]));
          return {};
        },
        deadline_));
  }
  co_return Result<void>();
}

// The stream may have moved on since it was compared: it is read again here, where nobody else writes.
Result<void> Rebuilder::repair_one(Connection& connection, WriteStatements& statements, const Wrong& wrong) {
  TRY(const auto stream, read_whole_stream(connection, wrong.stream));
  if (stream.empty() || stream.front().at != wrong.created_at) {
    return replace_rows(connection, statements, wrong.stream, wrong.created_at, {});
  }
  TRY(const ViewRows log, rows_of_log(stream, fold_));
  return replace_rows(connection, statements, wrong.stream, wrong.created_at, log);
}

// Totals that are wrong stay wrong by the same amount whatever is appended meanwhile, so the difference is what gets
// added.
Task<Result<void>> Rebuilder::correct_totals() {
  CO_TRY(const LogCount count, co_await count_log(database_, {}, deadline_));
  for (const WrongTotal& wrong : count.wrong_totals) {
    note(fmt::format("totals {} {}: {} differ", wrong.kind, wrong.name, wrong.stored - wrong.counted));
  }
  if (compare_only_ || count.wrong_totals.empty()) co_return Result<void>();
  co_return co_await database_.write(
      [&](Connection& connection) -> Result<void> {
        TRY(Statement * add, connection.statement("INSERT INTO totals(kind, name, n) VALUES (?1, ?2, ?3)"
                                                  " ON CONFLICT(kind, name) DO UPDATE SET n = n + ?3"));
        for (const WrongTotal& wrong : count.wrong_totals) {
          TRY_VOID(add->run(wrong.kind, wrong.name, wrong.counted - wrong.stored));
        }
        return {};
      },
      deadline_);
}

}  // namespace

Task<Result<RebuildReport>> rebuild_views(Database& database, Appender& appender, StreamFold fold, bool compare_only,
                                          std::function<void(std::int64_t)> progress, Deadline deadline) {
  Rebuilder rebuilder(database, appender, std::move(fold), compare_only, deadline);
  co_return co_await rebuilder.run(std::move(progress));
}

}  // namespace edda::sqlite
