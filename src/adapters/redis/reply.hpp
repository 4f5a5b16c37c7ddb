#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

/// RESP2, the protocol of Redis (redis.io/docs/reference/protocol-spec). Pure functions.
namespace edda::redis {

struct Reply {
  enum class Kind { text, error, integer, nil, list };
  Kind kind = Kind::nil;
  std::string text = {};  ///< of a text or an error
  std::int64_t integer = 0;
  std::vector<Reply> items = {};

  friend bool operator==(const Reply&, const Reply&) = default;
};

struct Parsed {
  Reply reply;
  std::size_t bytes = 0;  ///< of the input that it took
};
/// The reply at the front of `input`; nullopt when it has not arrived whole. Errors: corrupt, for what is no reply, or one larger than
/// any that is asked for here (a text of 1 MiB, a list of 1024, four lists within one another).
Result<std::optional<Parsed>> parse_reply(std::string_view input);

/// A command as it goes over the wire; its words may hold any bytes.
std::string encode_command(std::initializer_list<std::string_view> words);

}  // namespace edda::redis
