#include "accounts/registration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "accounts/text.hpp"
#include "ports/crypto.hpp"

// class-validator reports unknown properties first, then each property's rules from the last decorator to the first: a
// length before "must be a string".
namespace edda::accounts {
namespace {

using boost::json::object;
using Messages = std::vector<std::string>;

constexpr std::array<std::string_view, 4> registration_fields{"email", "password", "firstName", "lastName"};
constexpr std::size_t name_length_max = 50;

const boost::json::string* string_at(const object& body, std::string_view field) {
  const auto* value = body.if_contains(field);
  return value ? value->if_string() : nullptr;
}

std::optional<std::size_t> length_at(const object& body, std::string_view field) {
  const auto* text = string_at(body, field);
  if (!text) return std::nullopt;
  const auto points = code_points(*text);
  return points ? std::optional(points->size()) : std::nullopt;
}

void check_email(const object& body, Messages& messages) {
  const auto* email = string_at(body, "email");
  if (!email || !is_email(*email)) messages.emplace_back("email must be an email");
}

void check_password(const object& body, Messages& messages) {
  const auto length = length_at(body, "password");
  if (!length || *length < password_length_min) {
    messages.push_back(fmt::format("password must be longer than or equal to {} characters", password_length_min));
  }
  const auto* password = string_at(body, "password");
  if (!password) {
    messages.emplace_back("password must be a string");
  } else if (password->size() > password_bytes_max) {
    messages.push_back(fmt::format("password must be shorter than or equal to {} characters", password_bytes_max));
  }
}

void check_name(const object& body, std::string_view field, Messages& messages) {
  const auto length = length_at(body, field);
  if (!length || *length > name_length_max) {
    messages.push_back(fmt::format("{} must be shorter than or equal to {} characters", field, name_length_max));
  }
  if (!string_at(body, field)) messages.push_back(fmt::format("{} must be a string", field));
}

std::string text_at(const object& body, std::string_view field) {
  const auto* text = string_at(body, field);
  return text ? std::string(*text) : std::string();
}

}  // namespace

Messages validate_registration(const object& body) {
  Messages messages;
  for (const auto& member : body) {
    if (std::ranges::find(registration_fields, std::string_view(member.key())) == registration_fields.end()) {
      messages.push_back(fmt::format("property {} should not exist", std::string_view(member.key())));
    }
  }
  check_email(body, messages);
  check_password(body, messages);
  check_name(body, "firstName", messages);
  check_name(body, "lastName", messages);
  return messages;
}

Messages validate_credentials(const object& body) {
  Messages messages;
  check_email(body, messages);
  if (!string_at(body, "password")) messages.emplace_back("password must be a string");
  return messages;
}

Registration to_registration(const object& body) {
  return {text_at(body, "email"), text_at(body, "password"), text_at(body, "firstName"), text_at(body, "lastName")};
}

Credentials to_credentials(const object& body) { return {text_at(body, "email"), text_at(body, "password")}; }

}  // namespace edda::accounts
