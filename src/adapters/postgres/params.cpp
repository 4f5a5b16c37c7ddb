#include "postgres/params.hpp"

#include <arpa/inet.h>
#include <endian.h>

#include <algorithm>

namespace edda::postgres {
namespace {

// PostgreSQL knows 4713 BC to 294276 AD.
constexpr std::int64_t earliest = -211'813'488'000'000'000;
constexpr std::int64_t latest = 9'223'371'331'199'999'999;

// The wire's order is big-endian.
void put(std::string& bytes, std::int32_t value) {
  const std::uint32_t wire = htonl(static_cast<std::uint32_t>(value));
  bytes.append(reinterpret_cast<const char*>(&wire), sizeof wire);
}
void put(std::string& bytes, std::int64_t value) {
  const std::uint64_t wire = htobe64(static_cast<std::uint64_t>(value));
  bytes.append(reinterpret_cast<const char*>(&wire), sizeof wire);
}

void put(std::string& bytes, const Uuid& id) {
  bytes.append(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
}

std::int64_t wire_time(Timestamp at) {
  return std::clamp(to_micros(at), earliest + postgres_epoch, latest) - postgres_epoch;
}

void put_length(std::string& bytes, std::size_t length) { put(bytes, static_cast<std::int32_t>(length)); }

}  // namespace

Params& Params::add(bool value) {
  bytes_.push_back(value ? '\1' : '\0');
  return done(Type::boolean);
}
Params& Params::add(std::int64_t value) {
  put(bytes_, value);
  return done(Type::int8);
}
Params& Params::add(std::string_view value) {
  bytes_.append(value);
  return done(Type::text);
}
Params& Params::add(Timestamp value) {
  put(bytes_, wire_time(value));
  return done(Type::timestamptz);
}
Params& Params::add(const Uuid& value) {
  put(bytes_, value);
  return done(Type::uuid);
}

// One dimension, no NULL, numbered from 1.
void Params::begin_array(Type element, std::size_t size) {
  put(bytes_, std::int32_t{size == 0 ? 0 : 1});
  put(bytes_, std::int32_t{0});
  put(bytes_, static_cast<std::int32_t>(element));
  if (size == 0) return;
  put_length(bytes_, size);
  put(bytes_, std::int32_t{1});
}

Params& Params::add_int4s(std::span<const std::int32_t> values) {
  begin_array(Type::int4, values.size());
  for (const std::int32_t value : values) {
    put_length(bytes_, sizeof value);
    put(bytes_, value);
  }
  return done(Type::int4_array);
}
Params& Params::add_int8s(std::span<const std::int64_t> values) {
  begin_array(Type::int8, values.size());
  for (const std::int64_t value : values) {
    put_length(bytes_, sizeof value);
    put(bytes_, value);
  }
  return done(Type::int8_array);
}
Params& Params::add_texts(std::span<const std::string_view> values) {
  begin_array(Type::text, values.size());
  for (const std::string_view value : values) {
    put_length(bytes_, value.size());
    bytes_.append(value);
  }
  return done(Type::text_array);
}
Params& Params::add_timestamps(std::span<const Timestamp> values) {
  begin_array(Type::timestamptz, values.size());
  for (const Timestamp value : values) {
    put_length(bytes_, sizeof(std::int64_t));
    put(bytes_, wire_time(value));
  }
  return done(Type::timestamptz_array);
}
Params& Params::add_uuids(std::span<const Uuid> values) {
  begin_array(Type::uuid, values.size());
  for (const Uuid& value : values) {
    put_length(bytes_, value.bytes.size());
    put(bytes_, value);
  }
  return done(Type::uuid_array);
}
Params& Params::add_booleans(const std::vector<bool>& values) {
  begin_array(Type::boolean, values.size());
  for (const bool value : values) {
    put_length(bytes_, 1);
    bytes_.push_back(value ? '\1' : '\0');
  }
  return done(Type::boolean_array);
}

Params::View Params::view() const {
  View view;
  std::size_t begin = 0;
  for (const End& end : ends_) {
    view.types.push_back(static_cast<std::uint32_t>(end.type));
    view.values.push_back(end.null ? nullptr : bytes_.data() + begin);
    view.lengths.push_back(static_cast<int>(end.at - begin));
    view.formats.push_back(1);
    begin = end.at;
  }
  return view;
}

}  // namespace edda::postgres
