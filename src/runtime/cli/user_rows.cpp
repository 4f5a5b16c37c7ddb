#include "cli/user_rows.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>

namespace edda::cli {
namespace {

Result<std::string> text_of(const boost::json::object& row, std::string_view field, std::size_t index, bool needed) {
  const auto* value = row.if_contains(field);
  if (value != nullptr && value->is_string()) return std::string(value->get_string());
  if (!needed) return std::string();
  return fail(Errc::invalid_argument, fmt::format("row {} has no text \"{}\"", index + 1, field));
}

Result<UserRow> parse_row(const boost::json::value& value, std::size_t index) {
  const auto* object = value.if_object();
  if (object == nullptr) return fail(Errc::invalid_argument, fmt::format("row {} is no object", index + 1));
  UserRow row;
  TRY(row.id, text_of(*object, "id", index, true));
  TRY(row.email, text_of(*object, "email", index, true));
  TRY(row.password_hash, text_of(*object, "password", index, true));
  TRY(row.first_name, text_of(*object, "firstName", index, true));
  TRY(row.last_name, text_of(*object, "lastName", index, true));
  TRY(row.role, text_of(*object, "role", index, false));
  TRY(row.status, text_of(*object, "status", index, false));
  TRY(row.created_at, text_of(*object, "createdAt", index, false));
  if (row.role.empty()) row.role = "customer";
  if (row.status.empty()) row.status = "active";
  const auto* verified = object->if_contains("emailVerified");
  row.email_verified = verified != nullptr && verified->is_bool() && verified->get_bool();
  return row;
}

}  // namespace

Result<std::vector<UserRow>> parse_user_rows(std::string_view json) {
  boost::system::error_code error;
  const auto value = boost::json::parse(json, error);
  if (error || !value.is_array()) {
    return fail(Errc::invalid_argument, "wants a JSON array of users: psql -Atc 'SELECT json_agg(users) FROM users' > users.json");
  }
  std::vector<UserRow> rows;
  for (const auto& item : value.get_array()) {
    TRY(UserRow row, parse_row(item, rows.size()));
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace edda::cli
