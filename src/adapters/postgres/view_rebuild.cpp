#include "postgres/view_rebuild.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/thread_pool.hpp>
#include <limits>

#include "ports/view_difference.hpp"
#include "postgres/event_rows.hpp"
#include "postgres/log_check.hpp"
#include "postgres/stream_rows.hpp"

namespace edda::postgres {
namespace {

constexpr std::size_t differences_max = 20;
// Events fetched at once.
constexpr std::int64_t events_a_read = 5'000;
// View rows looked at in one read for those whose stream does not exist.
constexpr std::int64_t rows_a_read = 20'000;
// Streams written in one transaction: appends to the shard wait for it.
constexpr std::size_t streams_a_write = 50;
// Any number that no other program of the same database uses: "eddv" in ASCII.
constexpr std::int64_t rebuild_lock = 0x65646476;

using Stream = std::vector<RecordedEvent>;

class Rebuilder {
 public:
  Rebuilder(Connection& connection, StreamFold fold, bool compare_only, Deadline deadline)
      : connection_(connection), fold_(std::move(fold)), compare_only_(compare_only), deadline_(deadline) {}

  Task<Result<RebuildReport>> run(std::function<void(std::int64_t)> progress) {
    CO_TRY_VOID(co_await begin());
    for (bool more = true; more;) {
      CO_TRY(more, co_await in_transaction(connection_, [&] { return compare_streams(); }, deadline_, one_instant));
      CO_TRY_VOID(co_await repair());
      if (progress) progress(report_.streams);
    }
    for (const std::string_view kind : std::array<std::string_view, 4>{"order", "payment", "saga", "product"}) {
      Uuid after;
      for (bool more = true; more;) {
        CO_TRY(more, co_await find_strays(kind, after));
        CO_TRY_VOID(co_await repair());
      }
    }
    CO_TRY_VOID(co_await correct_totals());
    co_return std::move(report_);
  }

 private:
  Task<Result<void>> begin();
  Task<Result<std::vector<Stream>>> next_streams(bool& more);
  Task<Result<bool>> compare_streams();
  Result<void> compare(const Stream& stream, const ViewRows& live);
  Task<Result<bool>> find_strays(std::string_view kind, Uuid& after);
  Task<Result<void>> repair();
  Task<Result<void>> hold(ShardId shard);
  Task<Result<void>> repair_some(ShardId shard, std::span<const StreamId> streams);
  Task<Result<Stream>> whole(StreamId stream);
  Task<Result<void>> correct_totals();

  void note(const std::optional<std::string>& line) {
    if (!line) return;
    ++report_.rows_changed;
    if (report_.differences.size() < differences_max) report_.differences.push_back(*line);
  }

  Connection& connection_;
  const StreamFold fold_;
  const bool compare_only_;
  const Deadline deadline_;
  RebuildReport report_;
  std::uint16_t shards_ = 1;
  std::vector<StreamId> wrong_;  // streams whose rows differ, and ids of rows whose stream does not exist
  StreamId compared_;            // all streams up to this one
  std::int64_t compared_version_ = 0;
};

Task<Result<void>> Rebuilder::begin() {
  CO_TRY(const Rows locked, co_await connection_.read("SELECT pg_try_advisory_lock($1)", params(rebuild_lock), deadline_));
  if (!locked.front().boolean(0)) co_return fail(Errc::already_exists, "The views are being rebuilt already.");
  CO_TRY(const Rows shards, co_await connection_.read("SELECT count(*) FROM shards", {}, deadline_));
  if (shards.front().integer(0) == 0) co_return fail(Errc::corrupt, "The store has no shards.");
  shards_ = static_cast<std::uint16_t>(shards.front().integer(0));
  co_return Result<void>();
}

/// The whole streams among the next events; at least one, unless there is none. A stream that goes on behind them is left for later.
Task<Result<std::vector<Stream>>> Rebuilder::next_streams(bool& more) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM events WHERE (stream, version) > ($1, $2) ORDER BY stream, version LIMIT $3", event_columns);
  std::vector<Stream> streams;
  Stream stream;
  StreamId after = compared_;
  std::int64_t version = compared_version_;
  for (more = true; more && streams.empty();) {
    CO_TRY(const Rows rows, co_await connection_.read(sql, params(after, version, events_a_read), deadline_));
    for (const Row& row : rows) {
      RecordedEvent event = recorded_event(row);
      after = event.stream;
      version = event.version.value;
      if (!stream.empty() && stream.front().stream != event.stream) streams.push_back(std::exchange(stream, {}));
      stream.push_back(std::move(event));
    }
    more = rows.size() == static_cast<std::size_t>(events_a_read);
  }
  if (!more && !stream.empty()) streams.push_back(std::move(stream));
  co_return streams;
}

Task<Result<bool>> Rebuilder::compare_streams() {
  bool more = false;
  CO_TRY(const auto streams, co_await next_streams(more));
  std::vector<Uuid> ids;
  for (const Stream& stream : streams) ids.push_back(stream.front().stream.value);
  CO_TRY(const auto live, co_await rows_of_views(connection_, ids, deadline_));
  for (const Stream& stream : streams) {
    const auto found = live.find(stream.front().stream.value);
    CO_TRY_VOID(compare(stream, found == live.end() ? ViewRows{} : found->second));
  }
  co_return more;
}

Result<void> Rebuilder::compare(const Stream& stream, const ViewRows& live) {
  TRY(const ViewRows log, rows_of_log(stream, fold_));
  const std::int64_t before = report_.rows_changed;
  note(difference(live.order, log.order));
  note(difference(live.payment, log.payment));
  note(difference(live.saga, log.saga));
  note(difference(live.product, log.product));
  if (report_.rows_changed != before) wrong_.push_back(stream.front().stream);
  compared_ = stream.front().stream;
  compared_version_ = std::numeric_limits<std::int64_t>::max();
  ++report_.streams;
  report_.events += static_cast<std::int64_t>(stream.size());
  return {};
}

Task<Result<bool>> Rebuilder::find_strays(std::string_view kind, Uuid& after) {
  const std::string sql = fmt::format(
      "SELECT v.id, EXISTS (SELECT 1 FROM events e WHERE e.stream = v.id AND e.version = 1)"
      " FROM (SELECT id FROM {}_view WHERE id > $1 ORDER BY id LIMIT $2) v ORDER BY v.id",
      kind);
  CO_TRY(const Rows rows, co_await connection_.read(sql, params(after, rows_a_read), deadline_));
  for (const Row& row : rows) {
    after = row.uuid(0);
    if (row.boolean(1)) continue;
    note(fmt::format("{}_view {}: has no events", kind, to_string(after)));
    wrong_.push_back(StreamId{after});
  }
  co_return rows.size() == static_cast<std::size_t>(rows_a_read);
}

Task<Result<void>> Rebuilder::repair() {
  std::map<ShardId, std::vector<StreamId>> wrong;
  for (const StreamId stream : std::exchange(wrong_, {})) wrong[shard_of(stream.value, shards_)].push_back(stream);
  if (compare_only_) co_return Result<void>();
  for (const auto& [shard, streams] : wrong) {
    for (std::span<const StreamId> left(streams); !left.empty();) {
      const auto some = left.first(std::min(left.size(), streams_a_write));
      CO_TRY_VOID(co_await in_transaction(connection_, [&] { return repair_some(shard, some); }, deadline_));
      left = left.subspan(some.size());
    }
  }
  co_return Result<void>();
}

Task<Result<void>> Rebuilder::hold(ShardId shard) {
  CO_TRY_VOID(co_await connection_.read("SELECT 1 FROM shards WHERE shard = $1 FOR UPDATE", params(shard), deadline_));
  co_return Result<void>();
}

// A stream may have moved on since it was compared: it is read again here, where nobody else writes.
Task<Result<void>> Rebuilder::repair_some(ShardId shard, std::span<const StreamId> streams) {
  CO_TRY_VOID(co_await hold(shard));
  for (const StreamId id : streams) {
    CO_TRY(const Stream stream, co_await whole(id));
    ViewRows rows;
    if (!stream.empty()) {
      CO_TRY(rows, rows_of_log(stream, fold_));
    }
    CO_TRY_VOID(co_await replace_rows(connection_, shard, id, rows, deadline_));
  }
  co_return Result<void>();
}

Task<Result<Stream>> Rebuilder::whole(StreamId id) {
  static const std::string sql = fmt::format(
      "SELECT {} FROM events WHERE stream = $1 AND version > $2 ORDER BY version LIMIT $3", event_columns);
  Stream stream;
  for (bool more = true; more;) {
    const std::int64_t after = stream.empty() ? 0 : stream.back().version.value;
    CO_TRY(const Rows rows, co_await connection_.read(sql, params(id, after, events_a_read), deadline_));
    for (const Row& row : rows) stream.push_back(recorded_event(row));
    more = rows.size() == static_cast<std::size_t>(events_a_read);
  }
  co_return stream;
}

// Totals that are wrong stay wrong by the same amount whatever is appended meanwhile, so the difference is what gets added. A count of
// the store is the sum over its shards: the first one's is corrected.
Task<Result<void>> Rebuilder::correct_totals() {
  const auto count = [this]() -> Task<Result<std::vector<WrongTotal>>> {
    CO_TRY_VOID(co_await allow_until(connection_, deadline_));
    co_return co_await wrong_totals(connection_, deadline_);
  };
  CO_TRY(const auto all_wrong, co_await in_transaction(connection_, count, deadline_, one_instant));
  for (const WrongTotal& wrong : all_wrong) {
    note(fmt::format("totals {} {}: {} differ", wrong.kind, wrong.name, wrong.stored - wrong.counted));
  }
  if (compare_only_ || all_wrong.empty()) co_return Result<void>();
  const auto add = [&]() -> Task<Result<void>> {
    CO_TRY_VOID(co_await hold(ShardId{}));
    for (const WrongTotal& wrong : all_wrong) {
      CO_TRY_VOID(co_await connection_.read("INSERT INTO totals AS t (shard, kind, name, n) VALUES (0, $1, $2, $3)"
                                            " ON CONFLICT (shard, kind, name) DO UPDATE SET n = t.n + excluded.n",
                                            params(wrong.kind, wrong.name, wrong.counted - wrong.stored), deadline_));
    }
    co_return Result<void>();
  };
  co_return co_await in_transaction(connection_, add, deadline_);
}

Task<Result<RebuildReport>> rebuild(ConnectOptions options, StreamFold fold, bool compare_only,
                                    std::function<void(std::int64_t)> progress, Deadline deadline) {
  co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
  CO_TRY(const auto connection, co_await Connection::open(std::move(options), deadline));
  Rebuilder rebuilder(*connection, std::move(fold), compare_only, deadline);
  auto report = co_await rebuilder.run(std::move(progress));
  // A server ends a session some time after its connection: whoever rebuilds next would find the lock held.
  if (connection->usable()) co_await connection->read("SELECT pg_advisory_unlock($1)", params(rebuild_lock), deadline);
  co_return report;
}

}  // namespace

Task<Result<RebuildReport>> PostgresViewRebuild::rebuild_views(StreamFold fold, bool compare_only,
                                                               std::function<void(std::int64_t)> progress,
                                                               Deadline deadline) {
  boost::asio::thread_pool thread(1);
  co_return co_await boost::asio::co_spawn(
      thread.get_executor(),
      rebuild(pool_.connect_options(), std::move(fold), compare_only, std::move(progress), deadline),
      boost::asio::use_awaitable);
}

}  // namespace edda::postgres
