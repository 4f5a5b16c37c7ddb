#include "base/json_reader.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace edda {

JsonReader::JsonReader(std::string_view text) {
  boost::system::error_code failed;
  auto value = boost::json::parse(text, failed);
  if (failed || !value.is_object()) {
    error_ = Error{Errc::corrupt, "stored event data is not a JSON object"};
    return;
  }
  object_ = std::move(value.as_object());
}

void JsonReader::wrong(std::string_view name) {
  if (!error_) error_ = Error{Errc::corrupt, fmt::format("stored event data: '{}' is missing or of another type", name)};
}

const boost::json::value* JsonReader::find(std::string_view name) { return object_.if_contains(name); }

std::string JsonReader::string(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr || !value->is_string()) {
    wrong(name);
    return {};
  }
  return std::string(value->get_string());
}

std::string JsonReader::string_or(std::string_view name, std::string_view fallback) {
  return find(name) == nullptr ? std::string(fallback) : string(name);
}

std::int64_t JsonReader::integer(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr || !value->is_int64()) {
    wrong(name);
    return 0;
  }
  return value->get_int64();
}

std::int64_t JsonReader::integer_or(std::string_view name, std::int64_t fallback) {
  return find(name) == nullptr ? fallback : integer(name);
}

bool JsonReader::boolean_or(std::string_view name, bool fallback) {
  const auto* value = find(name);
  if (value == nullptr) return fallback;
  if (!value->is_bool()) {
    wrong(name);
    return fallback;
  }
  return value->get_bool();
}

Money JsonReader::money(std::string_view name) {
  const auto* value = find(name);
  if (value == nullptr || !value->is_object()) {
    wrong(name);
    return {};
  }
  JsonReader nested(value->get_object());
  const Money money{nested.integer("amount"), parse_currency(nested.string("currency")).value_or(Currency{})};
  merge(nested);
  return money;
}

Uuid JsonReader::uuid(std::string_view name) {
  const auto* value = find(name);
  const auto parsed = value != nullptr && value->is_string() ? parse_uuid(value->get_string()) : std::nullopt;
  if (!parsed) wrong(name);
  return parsed.value_or(Uuid{});
}

const boost::json::array& JsonReader::array(std::string_view name) {
  static const boost::json::array empty;
  const auto* value = find(name);
  if (value == nullptr || !value->is_array()) {
    wrong(name);
    return empty;
  }
  return value->get_array();
}

std::vector<std::string> JsonReader::strings_or_none(std::string_view name) {
  std::vector<std::string> strings;
  if (find(name) == nullptr) return strings;
  for (const auto& element : array(name)) {
    if (!element.is_string()) {
      wrong(name);
      break;
    }
    strings.emplace_back(element.get_string());
  }
  return strings;
}

}  // namespace edda
