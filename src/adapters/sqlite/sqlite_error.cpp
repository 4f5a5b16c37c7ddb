#include "sqlite/sqlite_error.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

namespace edda::sqlite {
namespace {

// "UNIQUE constraint failed: users.email" names the column after its colon.
std::string constrained_column(sqlite3* db) {
  const std::string_view text = db != nullptr ? sqlite3_errmsg(db) : "";
  const auto colon = text.find(": ");
  return colon == std::string_view::npos ? std::string() : std::string(text.substr(colon + 2));
}

Error constraint_error(int extended, sqlite3* db) {
  const std::string column = constrained_column(db);
  if (extended == SQLITE_CONSTRAINT_UNIQUE || extended == SQLITE_CONSTRAINT_PRIMARYKEY ||
      extended == SQLITE_CONSTRAINT_ROWID) {
    return {.code = Errc::already_exists,
            .message = "The key is taken already.",
            .where = column,
            .reason = "store_unique"};
  }
  return {.code = Errc::invalid_argument,
          .message = "The store's schema refuses the data.",
          .where = column,
          .reason = "store_constraint"};
}

}  // namespace

Error error_of(int code, sqlite3* db) {
  const int extended = db != nullptr ? sqlite3_extended_errcode(db) : code;
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return constraint_error(extended, db);
    case SQLITE_FULL:
      return {.code = Errc::unavailable, .message = "The disk that holds the store is full.", .reason = "store_full"};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {.code = Errc::unavailable, .message = "The store is busy.", .reason = "store_busy"};
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return {.code = Errc::unavailable,
              .message = fmt::format("The store cannot be read or written (code {}).", extended),
              .reason = "store_io"};
    case SQLITE_INTERRUPT:
      return {.code = Errc::unavailable, .message = "The query took longer than it may.", .reason = "store_interrupt"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {.code = Errc::corrupt, .message = "The store's file is damaged.", .reason = "store_corrupt"};
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
      return {.code = Errc::invalid_argument, .message = "The store refuses the data.", .reason = "store_data"};
    default:
      return {.code = Errc::internal,
              .message = fmt::format("The store failed (code {}).", extended),
              .reason = "store_error"};
  }
}

}  // namespace edda::sqlite
