#include "sqlite/statement.hpp"

#include <sqlite3.h>

#include <algorithm>

#include "base/assert.hpp"
#include "sqlite/sqlite_error.hpp"

namespace edda::sqlite {
namespace {

auto lifetime(bool copy) { return copy ? SQLITE_TRANSIENT : SQLITE_STATIC; }

// A parameter that cannot be bound is a mistake in the SQL, or no memory: both are no state to go on in.
void expect_ok(int code) { EDDA_ASSERT(code == SQLITE_OK); }

}  // namespace

bool Row::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::int64_t Row::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Row::text_view(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return text == nullptr ? std::string_view()
                         : std::string_view(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

std::span<const std::uint8_t> Row::blob(int column) const {
  const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  return bytes == nullptr ? std::span<const std::uint8_t>()
                          : std::span(bytes, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)));
}

Uuid Row::uuid(int column) const {
  const auto bytes = blob(column);
  Uuid id;
  if (bytes.size() == id.bytes.size()) std::ranges::copy(bytes, id.bytes.begin());
  return id;
}

Rows::~Rows() {
  if (statement_ != nullptr) sqlite3_reset(statement_);
}

Result<bool> Rows::next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return std::unexpected(error_of(code, sqlite3_db_handle(statement_)));
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Statement::bind_null(int index) { expect_ok(sqlite3_bind_null(statement_.get(), index)); }

void Statement::bind_integer(int index, std::int64_t value) {
  expect_ok(sqlite3_bind_int64(statement_.get(), index, value));
}

void Statement::bind_text(int index, std::string_view value, bool copy) {
  // A null pointer would bind NULL; an empty text is not NULL.
  const char* text = value.data() == nullptr ? "" : value.data();
  expect_ok(sqlite3_bind_text64(statement_.get(), index, text, value.size(), lifetime(copy), SQLITE_UTF8));
}

void Statement::bind_blob(int index, std::span<const std::uint8_t> value, bool copy) {
  if (value.empty()) {
    expect_ok(sqlite3_bind_zeroblob(statement_.get(), index, 0));
    return;
  }
  expect_ok(sqlite3_bind_blob64(statement_.get(), index, value.data(), value.size(), lifetime(copy)));
}

Result<void> Statement::finish() {
  int code = sqlite3_step(statement_.get());
  while (code == SQLITE_ROW) code = sqlite3_step(statement_.get());
  Result<void> result;
  // The error text is lost with the reset, so the error is made before it.
  if (code != SQLITE_DONE) result = std::unexpected(error_of(code, sqlite3_db_handle(statement_.get())));
  sqlite3_reset(statement_.get());
  return result;
}

}  // namespace edda::sqlite
