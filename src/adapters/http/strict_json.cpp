#include "http/strict_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>

#include "base/assert.hpp"

namespace edda::http {

namespace {

namespace bj = boost::json;
using bj::error_code;

bool written_as_integer(std::string_view number) { return number.find_first_of(".eE") == std::string_view::npos; }

/// Receives Boost.JSON's parsing events and builds the value. It checks what the library lets through: duplicate keys,
/// numbers that overflow a double, U+0000, the number of values.
class Builder {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  explicit Builder(std::size_t values_max) : values_left_(values_max) {}

  const std::string& failure() const { return failure_; }
  JsonValue take_result() { return std::move(result_); }
  std::string pointer() const;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_array_begin(error_code& ec) { return open(JsonValue::Array{}, ec); }
  bool on_array_end(std::size_t, error_code& ec) { return close(ec); }
  bool on_object_begin(error_code& ec) { return open(JsonValue::Object{}, ec); }
  bool on_object_end(std::size_t, error_code& ec) { return keys_differ(ec) && close(ec); }
  bool on_key_part(bj::string_view part, std::size_t, error_code&) { return append(part); }
  bool on_key(bj::string_view part, std::size_t, error_code& ec);
  bool on_string_part(bj::string_view part, std::size_t, error_code&) { return append(part); }
  bool on_string(bj::string_view part, std::size_t, error_code& ec);
  bool on_number_part(bj::string_view part, error_code&) { return append(part); }
  bool on_int64(std::int64_t, bj::string_view part, error_code& ec) { return append(part) && add_number(ec); }
  bool on_uint64(std::uint64_t, bj::string_view, error_code& ec) { return fail("an integer is too large", ec); }
  bool on_double(double value, bj::string_view part, error_code& ec);
  bool on_bool(bool value, error_code& ec) { return add(JsonValue(value), ec); }
  bool on_null(error_code& ec) { return add(JsonValue(), ec); }
  bool on_comment_part(bj::string_view, error_code&) { return true; }
  bool on_comment(bj::string_view, error_code&) { return true; }

 private:
  struct Open {
    JsonValue::Data container;
    std::string key;  ///< of the member being read, when the container is an object
  };

  bool append(bj::string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }
  bool add_number(error_code& ec) { return add(JsonValue(JsonValue::Number{std::move(text_)}), ec); }
  bool fail(std::string_view why, error_code& ec);
  bool open(JsonValue::Data container, error_code& ec);
  bool close(error_code& ec);
  bool add(JsonValue value, error_code& ec);
  bool attach(JsonValue value);
  bool keys_differ(error_code& ec);

  JsonValue result_;
  std::vector<Open> open_;
  std::string text_;
  std::string failure_;
  std::size_t values_left_;
};

bool Builder::fail(std::string_view why, error_code& ec) {
  failure_ = why;
  ec = bj::error::syntax;
  return false;
}

bool Builder::on_key(bj::string_view part, std::size_t, error_code& ec) {
  append(part);
  open_.back().key = std::move(text_);
  text_.clear();
  if (open_.back().key.find('\0') != std::string::npos) return fail("a key holds U+0000", ec);
  return true;
}

bool Builder::on_string(bj::string_view part, std::size_t, error_code& ec) {
  append(part);
  if (text_.find('\0') != std::string::npos) return fail("a string holds U+0000", ec);
  return add(JsonValue(std::move(text_)), ec);
}

bool Builder::on_double(double value, bj::string_view part, error_code& ec) {
  append(part);
  if (written_as_integer(text_)) return fail("an integer is too large", ec);
  if (!std::isfinite(value)) return fail("a number is out of range", ec);
  return add_number(ec);
}

bool Builder::open(JsonValue::Data container, error_code& ec) {
  if (values_left_ == 0) return fail("there are too many values", ec);
  --values_left_;
  open_.push_back({.container = std::move(container), .key = {}});
  return true;
}

bool Builder::close(error_code&) {
  JsonValue value(std::move(open_.back().container));
  open_.pop_back();
  return attach(std::move(value));
}

bool Builder::add(JsonValue value, error_code& ec) {
  text_.clear();
  if (values_left_ == 0) return fail("there are too many values", ec);
  --values_left_;
  return attach(std::move(value));
}

bool Builder::attach(JsonValue value) {
  if (open_.empty()) {
    result_ = std::move(value);
  } else if (auto* array = std::get_if<JsonValue::Array>(&open_.back().container)) {
    array->push_back(std::move(value));
  } else {
    std::get<JsonValue::Object>(open_.back().container).emplace_back(std::move(open_.back().key), std::move(value));
    open_.back().key.clear();
  }
  return true;
}

// Sorted once per object: comparing each key with all before it would let one body cost seconds.
bool Builder::keys_differ(error_code& ec) {
  const auto& object = std::get<JsonValue::Object>(open_.back().container);
  std::vector<std::string_view> keys;
  keys.reserve(object.size());
  for (const auto& member : object) keys.push_back(member.first);
  std::ranges::sort(keys);
  const auto twice = std::ranges::adjacent_find(keys);
  if (twice == keys.end()) return true;
  open_.back().key = *twice;
  return fail("a key is there twice", ec);
}

std::string Builder::pointer() const {
  std::string pointer;
  for (const Open& open : open_) {
    const auto* array = std::get_if<JsonValue::Array>(&open.container);
    if (array == nullptr && open.key.empty()) break;  // between members
    pointer = pointer_append(pointer, array != nullptr ? std::to_string(array->size()) : open.key);
  }
  return pointer;
}

std::string describe(const error_code& ec) {
  if (ec == bj::error::incomplete) return "it ends too early";
  if (ec == bj::error::extra_data) return "something follows the value";
  if (ec == bj::error::too_deep) return "it is nested too deeply";
  return ec.message();
}

}  // namespace

const std::string* JsonValue::number_text() const {
  const auto* number = std::get_if<Number>(&data_);
  return number == nullptr ? nullptr : &number->text;
}

std::optional<std::int64_t> JsonValue::as_int64() const {
  const std::string* text = number_text();
  if (text == nullptr || !written_as_integer(*text) || *text == "-0") return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  EDDA_ASSERT(error == std::errc{} && end == text->data() + text->size());
  return value;
}

std::optional<double> JsonValue::as_double() const {
  const std::string* text = number_text();
  if (text == nullptr) return std::nullopt;
  double value = 0;
  std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

const JsonValue* JsonValue::find(std::string_view key) const {
  const Object* object = as_object();
  if (object == nullptr) return nullptr;
  const auto found = std::ranges::find(*object, key, &Member::first);
  return found == object->end() ? nullptr : &found->second;
}

Result<JsonValue> parse_strict(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.bytes_max) return fail(Errc::invalid_argument, "The JSON text is too long.");
  bj::parse_options options;
  options.max_depth = limits.depth_max;
  bj::basic_parser<Builder> parser(options, limits.values_max);
  error_code ec;
  const std::size_t parsed = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && parsed < text.size()) ec = bj::error::extra_data;
  if (!ec) return parser.handler().take_result();
  const std::string& failure = parser.handler().failure();
  return fail(Errc::invalid_argument,
              fmt::format("The text is not acceptable JSON: {} (at byte {}).", failure.empty() ? describe(ec) : failure,
                          parsed),
              parser.handler().pointer(), "invalid_json");
}

bj::value to_boost(const JsonValue& value) {
  if (const auto* boolean = value.as_bool()) return *boolean;
  if (const auto* string = value.as_string()) return bj::value(*string);
  if (const auto integer = value.as_int64()) return *integer;
  if (const auto number = value.as_double()) return *number;
  if (const auto* array = value.as_array()) {
    bj::array out;
    out.reserve(array->size());
    for (const JsonValue& element : *array) out.push_back(to_boost(element));
    return out;
  }
  if (const auto* object = value.as_object()) {
    bj::object out;
    out.reserve(object->size());
    for (const auto& [key, member] : *object) out.emplace(key, to_boost(member));
    return out;
  }
  return nullptr;
}

std::string pointer_append(std::string_view pointer, std::string_view token) {
  std::string out(pointer);
  out.push_back('/');
  for (const char c : token) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

bool has_control_or_bidi(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&](std::size_t offset) {
      return i + offset < text.size() ? static_cast<unsigned char>(text[i + offset]) : 0U;
    };
    const unsigned first = byte(0);
    if (first < 0x20 || first == 0x7F) return true;
    if (first == 0xC2 && byte(1) >= 0x80 && byte(1) < 0xA0) return true;  // U+0080..009F
    if (first == 0xD8 && byte(1) == 0x9C) return true;                    // U+061C
    if (first != 0xE2) continue;
    const unsigned low = byte(2);
    if (byte(1) == 0x80 && (low == 0x8E || low == 0x8F || (low >= 0xAA && low <= 0xAE)))
      return true;                                                   // U+200E, 200F, 202A..E
    if (byte(1) == 0x81 && low >= 0xA6 && low <= 0xA9) return true;  // U+2066..2069
  }
  return false;
}

}  // namespace edda::http
