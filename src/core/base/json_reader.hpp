#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/money.hpp"
#include "base/result.hpp"

namespace edda {

/// Reads the fields of stored event data. What is missing or of another type is remembered, not thrown: read everything, then ask
/// `error()` once.
class JsonReader {
 public:
  /// Errors: `error()` is corrupt from the start when `text` is no JSON object.
  explicit JsonReader(std::string_view text);
  explicit JsonReader(const boost::json::object& object) : object_(object) {}

  std::string string(std::string_view name);
  std::string string_or(std::string_view name, std::string_view fallback);
  std::int64_t integer(std::string_view name);
  std::int64_t integer_or(std::string_view name, std::int64_t fallback);
  bool boolean_or(std::string_view name, bool fallback);
  Money money(std::string_view name);
  template <class IdType>
  IdType id(std::string_view name) {
    return IdType{uuid(name)};
  }
  template <class IdType>
  IdType id_or_nil(std::string_view name) {
    return object_.contains(name) ? IdType{uuid(name)} : IdType{};
  }
  const boost::json::array& array(std::string_view name);
  std::vector<std::string> strings_or_none(std::string_view name);

  const std::optional<Error>& error() const { return error_; }
  /// Takes over what another reader (of a nested object) found wrong.
  void merge(const JsonReader& nested) {
    if (!error_) error_ = nested.error_;
  }

 private:
  Uuid uuid(std::string_view name);
  const boost::json::value* find(std::string_view name);
  void wrong(std::string_view name);

  boost::json::object object_;
  std::optional<Error> error_;
};

}  // namespace edda
