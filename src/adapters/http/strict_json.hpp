#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace edda::http {

/// What a client sent, as JSON, with every number still as its text: 0.1 is exact, 1.005 can be told
/// from 1.00499999999999989. Objects keep their order and have no duplicate keys; strings are valid UTF-8 without
/// U+0000.
class JsonValue {
 public:
  struct Number {
    std::string text;  ///< a valid JSON number whose value is finite, and within int64 when written without fraction
                       ///< and exponent
  };
  using Array = std::vector<JsonValue>;
  using Member = std::pair<std::string, JsonValue>;
  using Object = std::vector<Member>;
  using Data = std::variant<std::nullptr_t, bool, Number, std::string, Array, Object>;

  JsonValue() = default;
  explicit JsonValue(Data data) : data_(std::move(data)) {}

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(data_); }
  bool is_number() const { return number_text() != nullptr; }
  /// Each is nullptr when the value is of another kind.
  const bool* as_bool() const { return std::get_if<bool>(&data_); }
  const std::string* as_string() const { return std::get_if<std::string>(&data_); }
  const Array* as_array() const { return std::get_if<Array>(&data_); }
  const Object* as_object() const { return std::get_if<Object>(&data_); }
  /// The number exactly as the client wrote it ("1e2", "19.990"): what parse_major takes.
  const std::string* number_text() const;

  /// The number as an integer: nullopt unless it is written as one ("1.0", "1e2" and "-0" are not).
  std::optional<std::int64_t> as_int64() const;
  /// The nearest double; nullopt unless a number.
  std::optional<double> as_double() const;

  /// The member of that name; nullptr if this is no object or has none.
  const JsonValue* find(std::string_view key) const;

 private:
  Data data_ = nullptr;
};

struct JsonLimits {
  std::size_t bytes_max = std::size_t{1} << 20;
  std::size_t depth_max = 32;       ///< nested arrays and objects
  std::size_t values_max = 50'000;  ///< of all kinds together: bounds the memory that one body takes
};

/// Parses exactly one JSON value. Refuses: duplicate keys, numbers that are not finite (1e400), integers outside int64,
/// NaN, bad UTF-8, lone surrogates, U+0000, comments, trailing commas, anything after the value, and what exceeds the
/// limits. Errors: invalid_argument; `where` is the JSON pointer of the place, the message says what and at which byte.
Result<JsonValue> parse_strict(std::string_view text, const JsonLimits& limits = {});

/// The same value as Boost.JSON has it; numbers become int64 or double.
boost::json::value to_boost(const JsonValue& value);

/// Appends `token` to a JSON pointer, escaped (RFC 6901): ("/items", "a/b") gives "/items/a~1b".
std::string pointer_append(std::string_view pointer, std::string_view token);

/// True if the text (UTF-8) holds a control character (C0, DEL, C1) or one that reorders text (U+061C, U+200E, U+200F,
/// U+202A..202E, U+2066..2069): neither belongs into a name that people and logs are shown.
bool has_control_or_bidi(std::string_view text);

}  // namespace edda::http
