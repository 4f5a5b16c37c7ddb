#include "postgres/rows.hpp"

#include <endian.h>
#include <libpq-fe.h>

#include <charconv>
#include <cstring>

namespace edda::postgres {
namespace {

template <class Wire>
Wire load(std::string_view bytes) {
  Wire wire = 0;
  std::memcpy(&wire, bytes.data(), sizeof wire);
  return wire;
}

}  // namespace

bool Row::is_null(int column) const { return PQgetisnull(result_, row_, column) == 1; }

std::string_view Row::bytes(int column) const {
  return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

std::int64_t Row::integer(int column) const {
  const std::string_view value = bytes(column);
  switch (value.size()) {
    case sizeof(std::int16_t):
      return static_cast<std::int16_t>(be16toh(load<std::uint16_t>(value)));
    case sizeof(std::int32_t):
      return static_cast<std::int32_t>(be32toh(load<std::uint32_t>(value)));
    case sizeof(std::int64_t):
      return static_cast<std::int64_t>(be64toh(load<std::uint64_t>(value)));
    default:
      return 0;
  }
}

bool Row::boolean(int column) const {
  const std::string_view value = bytes(column);
  return !value.empty() && value.front() != '\0';
}

std::string_view Row::text_view(int column) const { return bytes(column); }

Uuid Row::uuid(int column) const {
  Uuid id;
  const std::string_view value = bytes(column);
  if (value.size() == id.bytes.size()) std::memcpy(id.bytes.data(), value.data(), value.size());
  return id;
}

Timestamp Row::timestamp(int column) const {
  return is_null(column) ? Timestamp() : from_micros(integer(column) + postgres_epoch);
}

std::size_t Rows::size() const { return result_ ? static_cast<std::size_t>(PQntuples(result_.get())) : 0; }

std::int64_t Rows::changed() const {
  std::int64_t rows = 0;
  if (!result_) return rows;
  const std::string_view text = PQcmdTuples(result_.get());
  std::from_chars(text.data(), text.data() + text.size(), rows);
  return rows;
}

void Rows::Clear::operator()(pg_result* result) const { PQclear(result); }

}  // namespace edda::postgres
