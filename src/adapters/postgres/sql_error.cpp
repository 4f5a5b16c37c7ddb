#include "postgres/sql_error.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <string>
#include <string_view>

namespace edda::postgres {
namespace {

std::string_view field(const pg_result* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text != nullptr ? text : "";
}

Error unavailable(std::string message, std::string reason) {
  return {.code = Errc::unavailable, .message = std::move(message), .reason = std::move(reason)};
}

Error about_data(const pg_result* result, std::string_view state) {
  if (state == "23505") {
    return {.code = Errc::already_exists,
            .message = "The key is taken already.",
            .where = std::string(field(result, PG_DIAG_CONSTRAINT_NAME)),
            .reason = "store_unique"};
  }
  if (state.starts_with("23")) {
    const auto constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
    return {.code = Errc::invalid_argument,
            .message = "The store's schema refuses the data.",
            .where = std::string(constraint.empty() ? field(result, PG_DIAG_COLUMN_NAME) : constraint),
            .reason = "store_constraint"};
  }
  return {.code = Errc::invalid_argument, .message = "The store refuses the data.", .reason = "store_data"};
}

// Names of tables and columns may stand in these, never data.
Error misunderstood(const pg_result* result, std::string_view state) {
  return {.code = Errc::internal,
          .message = fmt::format("The store does not understand a statement ({}): {}.", state,
                                 field(result, PG_DIAG_MESSAGE_PRIMARY)),
          .reason = "store_error"};
}

}  // namespace

// Codes: appendix A of PostgreSQL's manual.
Error error_of(const pg_result* result) {
  const std::string_view state = field(result, PG_DIAG_SQLSTATE);
  const std::string_view kind = state.substr(0, 2);
  if (kind == "22" || kind == "23" || kind == "54") return about_data(result, state);
  if (kind == "40") return unavailable("The store was busy with something that contradicts this.", std::string(reason_victim));
  if (state == "53100") return unavailable("The disk that holds the store is full.", "store_full");
  if (state == "55P03" || state == "57014" || kind == "53") return unavailable("The store is busy.", "store_busy");
  if (state == "25006") return unavailable("The database may only be read.", "store_read_only");
  if (state.empty() || kind == "08" || kind == "57") {
    return unavailable("The connection to the database was lost.", std::string(reason_lost));
  }
  if (state == "42501" || kind == "28") {
    return {.code = Errc::invalid_argument,
            .message = "The database does not let its user do this.",
            .reason = std::string(reason_refused)};
  }
  if (state == "XX001" || state == "XX002") {
    return {.code = Errc::corrupt, .message = "The store is damaged.", .reason = "store_corrupt"};
  }
  if (kind == "42") return misunderstood(result, state);
  if (spoils_session(result)) return unavailable("The store's schema has changed.", std::string(reason_lost));
  return {.code = Errc::internal, .message = fmt::format("The store failed ({}).", state), .reason = "store_error"};
}

bool ends_session(const pg_result* result) {
  const std::string_view severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  return severity == "FATAL" || severity == "PANIC" || field(result, PG_DIAG_SQLSTATE).empty();
}

// 0A000: "cached plan must not change result type"; 26000: the prepared statement is not there.
bool spoils_session(const pg_result* result) {
  const std::string_view state = field(result, PG_DIAG_SQLSTATE);
  return state == "25006" || state == "0A000" || state == "26000";
}

}  // namespace edda::postgres
