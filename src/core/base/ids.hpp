#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/timestamp.hpp"

namespace edda {

/// Sixteen bytes, big-endian as in RFC 9562. The default is the nil uuid.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;
  bool is_nil() const { return *this == Uuid{}; }
  /// The last two bytes: the ids of one order's streams share them, so any of them tells the shard.
  std::uint16_t low16() const { return static_cast<std::uint16_t>((bytes[14] << 8) | bytes[15]); }
};

/// Lower-case, with dashes, 36 characters.
std::string to_string(const Uuid& id);
/// The same text at the end of `out`.
void append_text(std::string& out, const Uuid& id);
/// These bytes at the end of `out`, two lower-case digits each.
void append_hex(std::string& out, std::span<const std::uint8_t> bytes);
/// The form of to_string in either case; nullopt for anything else.
std::optional<Uuid> parse_uuid(std::string_view text);

/// UUIDv7 (RFC 9562 section 5.7): `at` in milliseconds, then `random`; the low 16 bits are `low16`.
/// Pure: the caller brings time and randomness.
Uuid make_uuid_v7(Timestamp at, const std::array<std::uint8_t, 8>& random, std::uint16_t low16);

/// A uuid that cannot be mixed up with another kind of id.
template <class Tag>
struct Id {
  Uuid value;

  auto operator<=>(const Id&) const = default;
  bool is_nil() const { return value.is_nil(); }
};

template <class Tag>
std::string to_string(const Id<Tag>& id) {
  return to_string(id.value);
}

template <class IdType>
std::optional<IdType> parse_id(std::string_view text) {
  const auto uuid = parse_uuid(text);
  return uuid ? std::optional(IdType{*uuid}) : std::nullopt;
}

using StreamId = Id<struct StreamTag>;    ///< one aggregate's events
using OrderId = Id<struct OrderTag>;      ///< also the order's stream, and the correlation id of its whole story
using PaymentId = Id<struct PaymentTag>;  ///< also the payment's stream
using SagaId = Id<struct SagaTag>;        ///< also the saga's stream
using ProductId = Id<struct ProductTag>;  ///< also the product's stream; not its name in order lines: see stock::id_of
using UserId = Id<struct UserTag>;
using TurnId = Id<struct TurnTag>;

template <class Tag>
StreamId stream_of(const Id<Tag>& id) {
  return StreamId{id.value};
}

/// Shards are numbered from 0; a store has a fixed count of them.
struct ShardId {
  std::uint16_t value = 0;
  auto operator<=>(const ShardId&) const = default;
};

/// The shard of any id of an order's streams: its low 16 bits modulo the store's shard count.
inline ShardId shard_of(const Uuid& id, std::uint16_t shard_count) {
  return ShardId{static_cast<std::uint16_t>(id.low16() % shard_count)};
}

/// A stream's events are numbered 1..n without a gap; 0 stands for "no event yet".
struct StreamVersion {
  std::int64_t value = 0;
  auto operator<=>(const StreamVersion&) const = default;
};

/// A shard's events are numbered 1..n in commit order without a gap; 0 stands for "before the first".
struct Position {
  std::int64_t value = 0;
  auto operator<=>(const Position&) const = default;
};

/// Grows with each change of a shard's owner and fences the old one.
struct Epoch {
  std::int64_t value = 0;
  auto operator<=>(const Epoch&) const = default;
};

}  // namespace edda

template <>
struct std::hash<edda::Uuid> {
  // Ids are random in their last ten bytes; mixing the halves is hash enough.
  std::size_t operator()(const edda::Uuid& id) const noexcept {
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    __builtin_memcpy(&high, id.bytes.data(), 8);
    __builtin_memcpy(&low, id.bytes.data() + 8, 8);
    return static_cast<std::size_t>((high * 0x9E3779B97F4A7C15ULL) ^ (low + (low >> 29)));
  }
};
template <class Tag>
struct std::hash<edda::Id<Tag>> {
  std::size_t operator()(const edda::Id<Tag>& id) const noexcept { return std::hash<edda::Uuid>{}(id.value); }
};
