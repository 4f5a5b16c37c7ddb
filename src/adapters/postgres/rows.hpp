#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/timestamp.hpp"

struct pg_result;

namespace edda::postgres {

/// PostgreSQL counts microseconds from 2000-01-01; Unix time then.
inline constexpr std::int64_t postgres_epoch = 946'684'800'000'000;

/// One row of an answer. Columns are counted from 0 and read as what they are in the query; a NULL reads as 0, "" or the nil uuid.
/// Lifetime: the rows it is of.
class Row {
 public:
  Row(const pg_result* result, int row) : result_(result), row_(row) {}

  bool is_null(int column) const;
  std::int64_t integer(int column) const;  ///< of smallint, integer, bigint
  bool boolean(int column) const;
  std::string_view text_view(int column) const;
  std::string text(int column) const { return std::string(text_view(column)); }
  Uuid uuid(int column) const;
  template <class IdType>
  IdType id(int column) const {
    return IdType{uuid(column)};
  }
  Timestamp timestamp(int column) const;  ///< of timestamptz

 private:
  std::string_view bytes(int column) const;

  const pg_result* result_;
  int row_;
};

/// All rows of one answer, in memory. Bound what you ask for.
class Rows {
 public:
  Rows() = default;
  explicit Rows(pg_result* result) : result_(result) {}

  std::size_t size() const;
  bool empty() const { return size() == 0; }
  Row operator[](std::size_t row) const { return Row(result_.get(), static_cast<int>(row)); }
  Row front() const { return (*this)[0]; }
  /// Rows that an INSERT, UPDATE or DELETE concerned.
  std::int64_t changed() const;

  class Iterator {
   public:
    Iterator(const Rows& rows, std::size_t at) : rows_(rows), at_(at) {}
    Row operator*() const { return rows_[at_]; }
    Iterator& operator++() { return ++at_, *this; }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    const Rows& rows_;
    std::size_t at_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size()}; }

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

}  // namespace edda::postgres
