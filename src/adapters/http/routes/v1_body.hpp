#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/money.hpp"
#include "base/result.hpp"
#include "http/problem.hpp"
#include "http/strict_json.hpp"

namespace edda::http::v1 {

/// What is wrong with a body: its shape (400: it cannot be understood), or what it asks for (422: it cannot be meant).
struct Faults {
  std::vector<FieldError> shape;
  std::vector<FieldError> meaning;

  bool any() const { return !shape.empty() || !meaning.empty(); }
  /// Shape before meaning. Needs any().
  Response answer(const Request& request) const;
};

/// Reads the members of one JSON object and collects all that is wrong with them, each with its pointer. What could not be read comes
/// back as an empty value: ask the faults before using anything.
class FieldReader {
 public:
  /// Members that are not `known` are faults. Lifetime: value and faults outlive the reader.
  FieldReader(const JsonValue& value, std::string pointer, Faults& faults,
              std::initializer_list<std::string_view> known);

  /// Characters are code points; control and bidirectional ones are faults, and so is a missing member.
  std::string text(std::string_view name, std::size_t characters_min, std::size_t characters_max);
  /// The same with any characters: what nobody is shown (a password).
  std::string secret(std::string_view name, std::size_t characters_min, std::size_t characters_max);
  std::optional<std::string> optional_text(std::string_view name, std::size_t characters_max);
  /// An integer as such (no "1.0"); out of bounds is a fault of meaning.
  std::int64_t integer(std::string_view name, std::int64_t least, std::int64_t most);
  /// nullopt when the member is missing, or, with a fault, when it is neither true nor false.
  std::optional<bool> optional_flag(std::string_view name);
  /// {"amount", "currency"} with an amount of `least` to money_minor_max.
  Money money(std::string_view name, std::int64_t least);
  /// nullptr, with a fault, when the member is missing or no array.
  const JsonValue::Array* array(std::string_view name, std::size_t items_min, std::size_t items_max);

  bool has(std::string_view name) const { return value_.find(name) != nullptr; }
  std::string pointer_to(std::string_view name) const { return pointer_append(pointer_, name); }
  void wrong(std::string_view name, std::string detail);

 private:
  const JsonValue* require(std::string_view name);
  std::string checked_text(std::string_view name, const JsonValue& value, std::size_t characters_min,
                           std::size_t characters_max);
  std::string visible_text(std::string_view name, const JsonValue& value, std::size_t characters_min,
                           std::size_t characters_max);

  const JsonValue& value_;
  std::string pointer_;
  Faults& faults_;
};

/// The body as one JSON value; no body is an empty object. Errors: invalid_argument.
Result<JsonValue> parse_body(const Request& request);
/// For routes without a body: none, or an empty object. Errors: invalid_argument.
Result<void> no_body(const Request& request);

}  // namespace edda::http::v1
