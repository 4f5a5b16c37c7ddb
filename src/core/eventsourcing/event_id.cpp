#include "eventsourcing/event_id.hpp"

#include <fmt/format.h>

#include <array>

#include "base/digest.hpp"

namespace edda {

Uuid event_id(StreamId stream, StreamVersion version) {
  const std::string stream_text = to_string(stream);
  const std::string version_text = fmt::format("{}", version.value);
  const std::array<std::string_view, 3> parts{"event", stream_text, version_text};
  Uuid id{digest128(parts)};
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0F) | 0x80);  // version 8 and variant, RFC 9562 section 5.8
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3F) | 0x80);
  return id;
}

}  // namespace edda
