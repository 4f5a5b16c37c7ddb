#include "http/routes/v1_body.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace edda::http::v1 {

Response Faults::answer(const Request& request) const {
  const auto& errors = shape.empty() ? meaning : shape;
  const FieldError& first = errors.front();
  Problem problem;
  problem.status = shape.empty() ? 422 : 400;
  problem.detail = first.pointer.empty() ? fmt::format("The body {}.", first.detail)
                                         : fmt::format("{} {}.", first.pointer, first.detail);
  problem.errors = errors;
  return render(request, problem);
}

FieldReader::FieldReader(const JsonValue& value, std::string pointer, Faults& faults,
                         std::initializer_list<std::string_view> known)
    : value_(value), pointer_(std::move(pointer)), faults_(faults) {
  const auto* object = value.as_object();
  if (object == nullptr) {
    faults_.shape.push_back({pointer_, "must be an object"});
    return;
  }
  for (const auto& [name, member] : *object) {
    if (std::ranges::find(known, name) == known.end()) wrong(name, "is no field of this request");
  }
}

void FieldReader::wrong(std::string_view name, std::string detail) {
  faults_.shape.push_back({pointer_to(name), std::move(detail)});
}

const JsonValue* FieldReader::require(std::string_view name) {
  const JsonValue* member = value_.find(name);
  if (member == nullptr && value_.as_object() != nullptr) wrong(name, "is missing");
  return member;
}

std::string FieldReader::checked_text(std::string_view name, const JsonValue& value, std::size_t characters_min,
                                      std::size_t characters_max) {
  const std::string* text = value.as_string();
  if (text == nullptr) {
    wrong(name, "must be a string");
    return {};
  }
  const auto starts_character = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
  const auto characters = static_cast<std::size_t>(std::ranges::count_if(*text, starts_character));
  if (characters < characters_min || characters > characters_max) {
    wrong(name, fmt::format("must have {} to {} characters", characters_min, characters_max));
  }
  return *text;
}

std::string FieldReader::visible_text(std::string_view name, const JsonValue& value, std::size_t characters_min,
                                      std::size_t characters_max) {
  std::string text = checked_text(name, value, characters_min, characters_max);
  if (has_control_or_bidi(text)) {
    wrong(name, "must not hold control characters, or ones that change the direction of text");
  }
  return text;
}

std::string FieldReader::secret(std::string_view name, std::size_t characters_min, std::size_t characters_max) {
  const JsonValue* member = require(name);
  return member == nullptr ? std::string() : checked_text(name, *member, characters_min, characters_max);
}

std::string FieldReader::text(std::string_view name, std::size_t characters_min, std::size_t characters_max) {
  const JsonValue* member = require(name);
  return member == nullptr ? std::string() : visible_text(name, *member, characters_min, characters_max);
}

std::optional<std::string> FieldReader::optional_text(std::string_view name, std::size_t characters_max) {
  const JsonValue* member = value_.find(name);
  if (member == nullptr) return std::nullopt;
  return visible_text(name, *member, 1, characters_max);
}

std::int64_t FieldReader::integer(std::string_view name, std::int64_t least, std::int64_t most) {
  const JsonValue* member = require(name);
  if (member == nullptr) return 0;
  const auto number = member->as_int64();
  if (!number) {
    wrong(name, "must be an integer, written without fraction and exponent");
    return 0;
  }
  if (*number < least || *number > most) {
    faults_.meaning.push_back({pointer_to(name), fmt::format("must be {} to {}", least, most)});
  }
  return *number;
}

std::optional<bool> FieldReader::optional_flag(std::string_view name) {
  const JsonValue* member = value_.find(name);
  if (member == nullptr) return std::nullopt;
  const bool* flag = member->as_bool();
  if (flag == nullptr) {
    wrong(name, "must be true or false");
    return std::nullopt;
  }
  return *flag;
}

Money FieldReader::money(std::string_view name, std::int64_t least) {
  const JsonValue* member = require(name);
  if (member == nullptr) return {};
  FieldReader reader(*member, pointer_to(name), faults_, {"amount", "currency"});
  if (member->as_object() == nullptr) return {};
  Money money{.minor = reader.integer("amount", least, money_minor_max)};
  const JsonValue* code = reader.require("currency");
  if (code == nullptr) return money;
  const auto currency = code->as_string() == nullptr ? std::nullopt : parse_currency(*code->as_string());
  if (currency) {
    money.currency = *currency;
  } else {
    reader.wrong("currency", "must be an ISO 4217 code of three upper-case letters");
  }
  return money;
}

const JsonValue::Array* FieldReader::array(std::string_view name, std::size_t items_min, std::size_t items_max) {
  const JsonValue* member = require(name);
  if (member == nullptr) return nullptr;
  const auto* items = member->as_array();
  if (items == nullptr) {
    wrong(name, "must be an array");
  } else if (items->size() < items_min || items->size() > items_max) {
    wrong(name, fmt::format("must have {} to {} items", items_min, items_max));
  }
  return items;
}

Result<JsonValue> parse_body(const Request& request) {
  if (request.body.empty()) return JsonValue(JsonValue::Object{});
  return parse_strict(request.body);
}

Result<void> no_body(const Request& request) {
  TRY(const auto body, parse_body(request));
  const auto* object = body.as_object();
  if (object == nullptr || !object->empty()) {
    return fail(Errc::invalid_argument, "This request has no body: leave it out.");
  }
  return {};
}

}  // namespace edda::http::v1
