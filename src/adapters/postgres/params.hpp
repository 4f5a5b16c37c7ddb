#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/digest.hpp"
#include "base/ids.hpp"
#include "base/timestamp.hpp"

namespace edda::postgres {

/// Types of parameters, as PostgreSQL numbers them (pg_type.dat); none of them differs between servers.
enum class Type : std::uint32_t {
  boolean = 16,
  int8 = 20,
  int4 = 23,
  text = 25,
  timestamptz = 1184,
  uuid = 2950,
  int4_array = 1007,
  text_array = 1009,
  int8_array = 1016,
  timestamptz_array = 1185,
  uuid_array = 2951,
  boolean_array = 1000,
};

/// Parameters of one statement, in PostgreSQL's binary form: integers, versions, positions, epochs and shards as int8, enumerators
/// by their text, ids and digests as uuid, instants as timestamptz, optionals as NULL or their value, vectors and spans as arrays.
class Params {
 public:
  Params() = default;

  Params& add(bool value);
  Params& add(std::int64_t value);
  Params& add(std::string_view value);
  Params& add(Timestamp value);
  Params& add(const Uuid& value);
  Params& add(const Digest128& value) { return add(Uuid{value}); }
  Params& add(const std::string& value) { return add(std::string_view(value)); }
  Params& add(const char* value) { return add(std::string_view(value)); }
  template <class Integer>
    requires(std::is_integral_v<Integer> && !std::is_same_v<Integer, bool>)
  Params& add(Integer value) {
    return add(static_cast<std::int64_t>(value));
  }
  template <class Tag>
  Params& add(const Id<Tag>& id) {
    return add(id.value);
  }
  Params& add(ShardId shard) { return add(std::int64_t{shard.value}); }
  Params& add(StreamVersion version) { return add(version.value); }
  Params& add(Position position) { return add(position.value); }
  Params& add(Epoch epoch) { return add(epoch.value); }
  template <class T>
  Params& add(const std::optional<T>& value) {
    if (value) return add(*value);
    add(T{});
    ends_.back().null = true;
    return *this;
  }

  Params& add_int4s(std::span<const std::int32_t> values);
  Params& add_int8s(std::span<const std::int64_t> values);
  Params& add_texts(std::span<const std::string_view> values);
  Params& add_timestamps(std::span<const Timestamp> values);
  Params& add_uuids(std::span<const Uuid> values);
  Params& add_booleans(const std::vector<bool>& values);

  std::size_t size() const { return ends_.size(); }

  /// As libpq takes them. Valid until the next add(). A NULL has no value.
  struct View {
    std::vector<std::uint32_t> types;
    std::vector<const char*> values;
    std::vector<int> lengths;
    std::vector<int> formats;
  };
  View view() const;

 private:
  struct End {
    std::size_t at;  // of the value, in bytes_
    Type type;
    bool null = false;
  };
  Params& done(Type type) {
    ends_.push_back({bytes_.size(), type});
    return *this;
  }
  void begin_array(Type element, std::size_t size);

  std::string bytes_;  // all values, one behind the other
  std::vector<End> ends_;
};

template <class... Args>
Params params(const Args&... args) {
  Params all;
  (all.add(args), ...);
  return all;
}

}  // namespace edda::postgres
