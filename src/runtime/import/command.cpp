#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/own_command_line.hpp"
#include "import/import.hpp"

namespace edda::import {
namespace {

constexpr const char* about =
    "Bring the users, orders, payments, sagas and idempotency keys of the replaced system (NestJS, PostgreSQL) into a new store,\n"
    "compare counts and sums, and say what differs. Stop the replaced system first; its tables are only read.\n"
    "Stopped half-way, the same command goes on and doubles nothing.";
constexpr const char* examples = R"(The password may stand in PGPASSWORD or ~/.pgpass instead of the URL, which other users of this machine can see.
Sagas that were not at their end wait for an operator afterwards, each with its reason: see docs/import.md.

Examples:
  edda import --from postgres://postgres@db.example.com/nestjs_cqrs
  edda import --from postgres://postgres@db.example.com/nestjs_cqrs --timezone Asia/Seoul --to ./data)";

int say_error(const Error& error) {
  fmt::print(stderr, "edda import: {}{}\n", error.where.empty() ? "" : error.where + ": ", error.message);
  if (error.code == Errc::already_exists) fmt::print(stderr, "Stop the server that has the folder open first.\n");
  return error.code == Errc::invalid_argument || error.code == Errc::not_found ? 2 : 1;
}

maintenance::ImportListener printer() {
  return {.left_out =
              [](const maintenance::LeftOut& row) {
                fmt::print("left out: {} {} ({}{}{}): {}\n", row.table, row.id, row.status, row.amount.empty() ? "" : ", ", row.amount, row.reason);
              },
          .parked =
              [](const maintenance::ParkedSaga& saga) {
                fmt::print("parked: saga {} of order {}{}{}: {}\n", to_string(saga.saga), to_string(saga.order),
                           saga.replaced.empty() ? "" : ", once ", saga.replaced, saga.reason);
              },
          .progress = [](std::string_view what, std::int64_t done) { fmt::print(stderr, "{}: {}\n", what, done); }};
}

void say_lines(const maintenance::ImportReport& report, Currency currency) {
  fmt::print("{:<16} {:<13} {:<13} {:>10} {:>20}\n", "table", "was", "is", "rows", "sum");
  for (const auto& line : report.lines) {
    const bool money = line.table == "orders" || line.table == "payments";
    fmt::print("{:<16} {:<13} {:<13} {:>10} {:>20}\n", line.table, line.from, line.to, line.count.rows,
               money ? fmt::format("{} {}", to_major_fixed({line.count.minor, currency}), currency.view()) : "");
  }
}

int say(const maintenance::ImportReport& report, Currency currency) {
  say_lines(report, currency);
  fmt::print("Imported {} users, {} orders and {} idempotency keys{}; {} sagas wait for an operator; {} rows were left out.\n", report.users,
             report.orders, report.keys, report.resumed ? " (with what an earlier run had imported)" : "", report.parked, report.left_out);
  for (const std::string& difference : report.differences) fmt::print("  {}\n", difference);
  fmt::print("{}\n", report.differences.empty() ? "Both sides were read again: counts and sums are the same."
                                                : "The store is NOT the same as the replaced system.");
  return report.differences.empty() && report.left_out == 0 ? 0 : 1;
}

}  // namespace

int run_import(const std::vector<std::string>& arguments) {
  Options options;
  CLI::App app(about, "edda import");
  app.footer(examples);
  app.add_option("--from", options.from, "The replaced system's database: a postgres:// URL")->required()->type_name("URL");
  app.add_option("--to", options.to, "The new store: a postgres:// URL or a data folder; without it schema edda of the same database")
      ->type_name("URL|FOLDER");
  app.add_option("--timezone", options.time_zone, "Time zone of its times: that of its database sessions")->capture_default_str()->type_name("NAME");
  app.add_option("--currency", options.currency, "Currency of its amounts: orders.currency of the servers to come")->capture_default_str()->type_name("CODE");
  app.add_option("--shards", options.shards, "Shards of a new store in PostgreSQL; they can never be changed")
      ->check(CLI::Range(1, 16'384))->capture_default_str()->type_name("");
  if (const auto stop = cli::read_own(app, arguments)) return cli::say(*stop);
  const auto report = import_database(options, printer());
  return report ? say(*report, *parse_currency(options.currency)) : say_error(report.error());
}

}  // namespace edda::import
