#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/timestamp.hpp"

struct sqlite3_stmt;

namespace edda::sqlite {

/// One column of the row a statement stands on; read it before the next step.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  std::string_view text_view(int column) const;
  std::string text(int column) const { return std::string(text_view(column)); }
  std::span<const std::uint8_t> blob(int column) const;
  /// The 16 bytes of an id; nil when the column is NULL or of another length.
  Uuid uuid(int column) const;
  template <class IdType>
  IdType id(int column) const {
    return IdType{uuid(column)};
  }
  Timestamp timestamp(int column) const { return from_micros(integer(column)); }

 private:
  sqlite3_stmt* statement_;
};

/// The rows of one query. The statement is reset when this goes away: a query left open would pin the write-ahead log.
class Rows : public Row {
 public:
  explicit Rows(sqlite3_stmt* statement) : Row(statement), statement_(statement) {}
  Rows(Rows&& other) noexcept : Row(other), statement_(std::exchange(other.statement_, nullptr)) {}
  Rows& operator=(Rows&&) = delete;
  ~Rows();

  /// Moves to the next row; false at the end.
  Result<bool> next();

 private:
  sqlite3_stmt* statement_;
};

/// A prepared statement, used again and again. Parameters are bound by position: ids and digests as 16-byte blobs,
/// timestamps as microseconds, booleans and enumerations as integers, text as text, optionals as NULL or their value.
/// Thread-safety: none; belongs to its connection.
class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  /// Runs a statement that returns no rows (or whose rows do not matter).
  template <class... Args>
  Result<void> run(const Args&... args) {
    bind_all(false, args...);
    return finish();
  }

  /// Binds parameters of a statement that writes several rows: `args` from parameter `first` (from 1) on. Text and blobs
  /// are not copied: they must stay until run() is called without arguments. Returns the parameter behind the last.
  template <class... Args>
  int bind_row(int first, const Args&... args) {
    (bind(first++, args, false), ...);
    return first;
  }

  /// Starts a query without copying text and blobs: the arguments must outlive the rows.
  template <class... Args>
  Rows look_up(const Args&... args) {
    bind_all(false, args...);
    return Rows(statement_.get());
  }

  /// Starts a query; text and blobs are copied, so temporaries may be passed.
  template <class... Args>
  Rows query(const Args&... args) {
    bind_all(true, args...);
    return Rows(statement_.get());
  }

  /// Binds one parameter (from 1) of a statement whose parameter count is known only at run time; then call run() or
  /// query() without arguments. Text and blobs are copied.
  template <class T>
  void bind_at(int index, const T& value) {
    bind(index, value, true);
  }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };

  template <class... Args>
  void bind_all(bool copy, const Args&... args) {
    int index = 0;
    (bind(++index, args, copy), ...);
  }

  template <class T>
  void bind(int index, const T& value, bool copy) {
    if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      bind_integer(index, static_cast<std::int64_t>(value));
    } else if constexpr (std::is_same_v<T, Timestamp>) {
      bind_integer(index, to_micros(value));
    } else if constexpr (std::is_same_v<T, std::nullptr_t>) {
      bind_null(index);
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
      bind_text(index, value, copy);
    } else if constexpr (requires {
                           value.has_value();
                           *value;
                         }) {
      value.has_value() ? bind(index, *value, copy) : bind_null(index);
    } else if constexpr (std::is_same_v<T, Uuid>) {
      bind_blob(index, value.bytes, copy);
    } else if constexpr (requires { value.value.bytes; }) {
      bind_blob(index, value.value.bytes, copy);
    } else if constexpr (requires { static_cast<std::int64_t>(value.value); }) {
      bind_integer(index, static_cast<std::int64_t>(value.value));
    } else {
      bind_blob(index, value, copy);
    }
  }

  void bind_null(int index);
  void bind_integer(int index, std::int64_t value);
  void bind_text(int index, std::string_view value, bool copy);
  void bind_blob(int index, std::span<const std::uint8_t> value, bool copy);
  Result<void> finish();

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

}  // namespace edda::sqlite
