#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/own_command_line.hpp"
#include "copy/copy.hpp"

namespace edda::copy {
namespace {

constexpr const char* about =
    "Copy the store of one machine (SQLite) into PostgreSQL, compare the two, and say whether they are the same.\n"
    "No server may run on either. Stopped half-way, the same command goes on where it was.";
constexpr const char* examples = R"(The password may stand in PGPASSWORD or ~/.pgpass instead of the URL, which other users of this machine can see.
What the simulated gateway has charged stands in payments.ledger of the folder and is not copied.

Example:
  edda copy --from ./data --to postgresql://edda@db.example.com/edda)";

int say_error(const Error& error) {
  fmt::print(stderr, "edda copy: {}{}\n", error.where.empty() ? "" : error.where + ": ", error.message);
  if (error.code == Errc::already_exists) fmt::print(stderr, "Stop the server that has the folder open first.\n");
  return error.code == Errc::invalid_argument || error.code == Errc::not_found ? 2 : 1;
}

int say(const maintenance::CopyReport& report) {
  fmt::print("Copied {} events, {} keys, {} users, {} sessions and {} audit entries.\n", report.events, report.keys,
             report.users, report.sessions, report.audit);
  for (const std::string& difference : report.differences) fmt::print("  {}\n", difference);
  fmt::print("{}\n", report.differences.empty() ? "Everything was read again on both sides: they are the same."
                                                : "The copy is NOT the same as the source. Drop the database's schema edda and copy again.");
  return report.differences.empty() ? 0 : 1;
}

}  // namespace

int run_copy(const std::vector<std::string>& arguments) {
  Options options;
  CLI::App app(about, "edda copy");
  app.footer(examples);
  app.add_option("--from", options.from, "The data folder of the store")->required()->type_name("FOLDER");
  app.add_option("--to", options.to, "The database: a postgresql:// URL")->required()->type_name("URL");
  app.add_option("--shards", options.shards, "Shards of the new store; they can never be changed")
      ->check(CLI::Range(1, 16'384))->capture_default_str()->type_name("");
  if (const auto stop = cli::read_own(app, arguments)) return cli::say(*stop);
  const auto report = copy_folder(options, [](std::string_view what, std::int64_t done) {
    fmt::print(stderr, "{}: {}\n", what, done);
  });
  return report ? say(*report) : say_error(report.error());
}

}  // namespace edda::copy
