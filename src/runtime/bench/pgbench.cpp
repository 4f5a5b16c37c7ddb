#include "bench/pgbench.hpp"

#include <fstream>

#include "views/steps_text.hpp"

namespace edda::bench {
namespace {

constexpr int shards_max = 64;
constexpr std::size_t events_a_saga = 9;
// Batches of one run and those of the next do not meet.
constexpr std::int64_t batches_a_run = 1'000'000'000;
constexpr std::chrono::seconds patience{30};

// With its type: pgbench sends a number whose type the server must guess, and would guess from the other operand.
constexpr std::string_view this_batch = ":n::bigint";
constexpr std::string_view batch_before = "(:n::bigint - 1)";

enum Kind { order_kind, payment_kind, saga_kind, placing_turn, charging_turn };

/// For pgbench, which takes a colon for the beginning of a variable.
std::string literal(std::string_view text) {
  std::string literal = "E'";
  for (const char c : text) {
    if (c == ':') {
      literal += "\\x3a";
      continue;
    }
    if (c == '\'' || c == '\\') literal += '\\';
    literal += c;
  }
  return literal + "'";
}

/// The statements of one batch: `orders` orders are placed, and those of the batch before are charged.
class Script {
 public:
  Script(std::size_t orders, const MadeTurn& placing, const MadeTurn& charged) : orders_(orders), placing_(placing), charged_(charged) {}

  std::string text() const {
    return "\\set n :n + 1\n\\startpipeline\nBEGIN;\n" +
           fmt::format("UPDATE shards SET last_pos = {} + {}, last_at = now() WHERE shard = :client_id::int;\n", first_position(),
                       orders_ * events_a_saga) +
           events(placing_, 0) + events(charged_, orders_ * placing_.turn.events.size()) + keys() + placed_rows() + charged_rows() + totals() +
           "COMMIT;\n\\endpipeline\n";
  }

 private:
  std::string first_position() const { return fmt::format(":n::bigint * {}", orders_ * events_a_saga); }

  /// Numbers that grow with time, as the ids of orders do.
  std::string id(std::string_view batch, std::string_view kind) const {
    return fmt::format("lpad(to_hex((({} * {} + i) * {} + :client_id::int) * 8 + {}), 32, '0')::uuid", batch, orders_, shards_max, kind);
  }
  std::string id(std::string_view batch, Kind kind) const { return id(batch, std::to_string(static_cast<int>(kind))); }
  static std::string_view batch_of(const MadeTurn& made) { return made.placing ? this_batch : batch_before; }
  std::string from_orders() const { return fmt::format("FROM generate_series(1, {}) i", orders_); }

  static Kind kind_of(const MadeTurn& made, StreamId stream) {
    if (!made.turn.orders.empty() && stream == stream_of(made.turn.orders.front().id)) return order_kind;
    if (!made.turn.payments.empty() && stream == stream_of(made.turn.payments.front().id)) return payment_kind;
    return saga_kind;
  }

  std::string events(const MadeTurn& made, std::size_t first) const {
    std::string values;
    int number = 0;
    for (const auto& event : made.turn.events) {
      ++number;
      values += fmt::format("{}({}, {}, {}, {}, {})", number == 1 ? "" : ", ", number, static_cast<int>(kind_of(made, event.stream)),
                            event.version.value, literal(event.type), literal(event.data));
    }
    const auto batch = batch_of(made);
    return fmt::format(
        "INSERT INTO events(shard, pos, stream, version, at, turn, correlation, causation, type, node, data)"
        " SELECT :client_id::int, {} + {} + (i - 1) * {} + e.number, {}, e.version, now(), {}, {}, {}, e.type, 'node-1', e.data"
        " {}, (VALUES {}) e(number, kind, version, type, data);\n",
        first_position(), first, made.turn.events.size(), id(batch, "e.kind"), id(batch, made.placing ? placing_turn : charging_turn),
        id(batch, order_kind), made.placing ? "NULL::uuid" : id(batch, placing_turn), from_orders(), values);
  }

  std::string keys() const {
    return fmt::format("INSERT INTO keys(key, stream, version, fingerprint) SELECT gen_random_uuid(), {}, 1, i {};\n", id(this_batch, order_kind),
                       from_orders());
  }

  std::string placed_rows() const {
    const auto& order = placing_.turn.orders.front();
    const auto& payment = placing_.turn.payments.front();
    const auto& saga = placing_.turn.sagas.front();
    const auto user = literal(to_string(order.user)) + "::uuid";
    const auto order_id = id(this_batch, order_kind), payment_id = id(this_batch, payment_kind), saga_id = id(this_batch, saga_kind);
    return fmt::format("INSERT INTO order_view(id, created_at, updated_at, version, total_minor, user_id, payment_id, saga_id, status, currency)"
                       " SELECT {}, now(), now(), {}, {}, {}, {}, {}, '{}', '{}' {};\n",
                       order_id, order.version.value, order.total.minor, user, payment_id, saga_id, to_string(order.status),
                       order.total.currency.view(), from_orders()) +
           fmt::format("INSERT INTO payment_view(id, created_at, updated_at, version, amount_minor, refunded_minor, order_id, user_id, status,"
                       " currency, external_transaction_id, failure_reason)"
                       " SELECT {}, now(), now(), {}, {}, 0, {}, {}, '{}', '{}', '', '' {};\n",
                       payment_id, payment.version.value, payment.amount.minor, order_id, user, to_string(payment.status),
                       payment.amount.currency.view(), from_orders()) +
           fmt::format("INSERT INTO saga_view(id, created_at, updated_at, version, definition_version, shard, order_id, user_id, definition,"
                       " status, current_step, completed_steps, compensation_steps, error)"
                       " SELECT {}, now(), now(), {}, {}, :client_id::int, {}, {}, {}, '{}', {}, '[]', '[]', '' {};\n",
                       saga_id, saga.version.value, saga.definition_version, order_id, user, literal(saga.definition), to_string(saga.status),
                       literal(saga.current_step), from_orders());
  }

  std::string charged_rows() const {
    const auto& order = charged_.turn.orders.front();
    const auto& payment = charged_.turn.payments.front();
    const auto& saga = charged_.turn.sagas.front();
    const auto update = [&](const char* table, Kind kind, const std::string& columns) {
      return fmt::format("UPDATE {} v SET updated_at = now(), {} FROM (SELECT {} AS id {}) c WHERE v.id = c.id;\n", table, columns,
                         id(batch_before, kind), from_orders());
    };
    return update("order_view", order_kind, fmt::format("version = {}, status = '{}'", order.version.value, to_string(order.status))) +
           update("payment_view", payment_kind,
                  fmt::format("version = {}, status = '{}', external_transaction_id = {}", payment.version.value, to_string(payment.status),
                              literal(payment.external_transaction_id))) +
           update("saga_view", saga_kind,
                  fmt::format("version = {}, status = '{}', current_step = {}, completed_steps = {}", saga.version.value,
                              to_string(saga.status), literal(saga.current_step), literal(steps_to_text(saga.completed_steps))));
  }

  /// What a batch changes: as many orders are pending after it as before.
  std::string totals() const {
    std::vector<std::string> rows;
    for (const MadeTurn* made : {&placing_, &charged_})
      for (const auto& event : made->turn.events) {
        const auto row = fmt::format("'event', {}", literal(event.type));
        if (std::ranges::find(rows, row) == rows.end()) rows.push_back(row);
      }
    rows.push_back(fmt::format("'order', '{}'", to_string(charged_.turn.orders.front().status)));
    rows.push_back(fmt::format("'payment', '{}'", to_string(charged_.turn.payments.front().status)));
    rows.push_back(fmt::format("'saga', '{}'", to_string(charged_.turn.sagas.front().status)));
    std::string values;
    for (const auto& row : rows) values += fmt::format("{}(:client_id::int, {}, {})", values.empty() ? "" : ", ", row, orders_);
    return fmt::format("INSERT INTO totals(shard, kind, name, n) VALUES {} ON CONFLICT (shard, kind, name) DO UPDATE SET n = totals.n + excluded.n;\n",
                       values);
  }

  std::size_t orders_;
  const MadeTurn& placing_;
  const MadeTurn& charged_;
};

}  // namespace

std::string pgbench_script(TurnMaker& maker, std::size_t turns) {
  const MadeTurn placing = maker.placing();
  const MadeTurn charged = maker.charged();
  return Script(std::max<std::size_t>(turns / 2, 1), placing, charged).text();
}

Result<PgBench> PgBench::prepare(const LocalCluster& cluster, std::filesystem::path scratch) {
  const auto sql = scratch / "schema.sql";
  TRY_VOID(must_run({postgres_program("pg_dump"), "--schema-only", "--schema=edda", "--no-owner", "--file=" + sql.string()},
                    cluster.database_environment("edda"), patience));
  const auto psql = [&](const char* database, std::vector<std::string> what) {
    std::vector<std::string> words{postgres_program("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"};
    words.insert(words.end(), what.begin(), what.end());
    return must_run(std::move(words), cluster.database_environment(database), patience);
  };
  TRY_VOID(psql("postgres", {"--command=DROP DATABASE IF EXISTS edda_pgbench", "--command=CREATE DATABASE edda_pgbench"}));
  TRY_VOID(psql("edda_pgbench", {"--file=" + sql.string()}));
  TRY_VOID(psql("edda_pgbench", {fmt::format("--command=INSERT INTO edda.shards(shard) SELECT generate_series(0, {})", shards_max - 1)}));
  return PgBench(cluster, std::move(scratch));
}

Result<double> PgBench::run(std::size_t turns_a_batch, std::size_t clients, std::chrono::seconds duration) {
  const auto script = scratch_ / "batch.pgbench";
  const std::size_t orders = std::max<std::size_t>((turns_a_batch + 1) / 2, 1);
  std::ofstream(script) << pgbench_script(maker_, orders * 2) << std::flush;
  const auto number = static_cast<std::int64_t>(++runs_) * batches_a_run;
  auto environment = cluster_.database_environment("edda_pgbench");
  // A plan made while the tables are small must not read them whole when they have grown; the nodes' function has it so, too.
  environment.back() += " -c enable_seqscan=off";
  TRY(const auto said,
      must_run({postgres_program("pgbench"), "--no-vacuum", "--protocol=prepared", "--file=" + script.string(),
                fmt::format("--define=n={}", number), fmt::format("--client={}", std::min<std::size_t>(clients, shards_max)), "--jobs=1",
                fmt::format("--time={}", duration.count())},
               std::move(environment), duration + patience));
  const auto at = said.find("tps = ");
  if (at == std::string::npos) return fail(Errc::unavailable, "pgbench did not say how fast it was:\n" + said);
  return std::strtod(said.c_str() + at + 6, nullptr) * static_cast<double>(orders);
}

}  // namespace edda::bench
