#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/money.hpp"
#include "base/timestamp.hpp"

namespace edda {

/// Appends `text` to `out` as a JSON string with its quotes. `text` must be UTF-8.
void append_json_string(std::string& out, std::string_view text);

/// Writes compact JSON straight into a string, field by field: events and answers are on the hot path, where a tree of values that is
/// thrown away at once would cost more than the rest of a turn. The caller closes what it opens; commas are its own business.
class JsonWriter {
 public:
  JsonWriter() { out_.reserve(usual_bytes); }

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }

  /// `name` must need no escaping.
  JsonWriter& key(std::string_view name) {
    comma();
    out_ += '"';
    out_ += name;
    out_ += "\":";
    fresh_ = true;
    return *this;
  }

  JsonWriter& value(std::string_view text) {
    comma();
    append_json_string(out_, text);
    return *this;
  }
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(bool flag) { return raw(flag ? "true" : "false"); }
  JsonWriter& value(std::int64_t number) { return decimal(number); }
  JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
  JsonWriter& value(std::size_t number) { return decimal(number); }
  JsonWriter& value(const Uuid& id);
  template <class Tag>
  JsonWriter& value(const Id<Tag>& id) {
    return value(id.value);
  }
  JsonWriter& value(Timestamp at);
  /// {"amount": minor units, "currency": "EUR"}
  JsonWriter& value(const Money& money) {
    return begin_object().field("amount", money.minor).field("currency", money.currency.view()).end_object();
  }
  JsonWriter& null() { return raw("null"); }
  /// `json` is JSON already: a number's exact text, or stored event data.
  JsonWriter& raw(std::string_view json) {
    comma();
    out_ += json;
    return *this;
  }

  template <class T>
  JsonWriter& field(std::string_view name, const T& v) {
    return key(name).value(v);
  }

  const std::string& text() const& { return out_; }
  std::string take() { return std::move(out_); }

 private:
  /// Of most events and small answers: one allocation instead of five as the text grows.
  static constexpr std::size_t usual_bytes = 255;

  JsonWriter& decimal(auto number) {
    const fmt::format_int digits(number);
    return raw({digits.data(), digits.size()});
  }
  JsonWriter& open(char bracket) {
    comma();
    out_ += bracket;
    fresh_ = true;
    return *this;
  }
  JsonWriter& close(char bracket) {
    out_ += bracket;
    fresh_ = false;
    return *this;
  }
  void comma() {
    if (!fresh_) out_ += ',';
    fresh_ = false;
  }

  std::string out_;
  bool fresh_ = true;
};

}  // namespace edda
