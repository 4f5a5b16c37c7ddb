#include "cli/terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/money.hpp"
#include "cli/invocation.hpp"

namespace edda::cli {
namespace {

constexpr std::array<std::string_view, 6> good{"paid", "completed", "shipped", "delivered", "ok", "up"};
constexpr std::array<std::string_view, 7> bad{"cancelled", "failed", "compensated", "parked", "down", "error", "FAIL"};

// Continuation bytes of UTF-8 take no column.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::optional<std::string> money_text(const boost::json::object& object) {
  const auto* amount = object.if_contains("amount");
  const auto* currency = object.if_contains("currency");
  if (amount == nullptr || currency == nullptr || !amount->is_int64() || !currency->is_string()) return std::nullopt;
  const auto known = parse_currency(std::string_view(currency->get_string()));
  if (!known) return std::nullopt;
  return fmt::format("{} {}", to_major_fixed({amount->get_int64(), *known}), known->view());
}

}  // namespace

void Terminal::line(std::string_view text) const {
  fmt::print(out, "{}\n", text);
  std::fflush(out);
}

void Terminal::say(std::string_view text) const { fmt::print(err, "{}\n", text); }

int Terminal::error(const Error& error) const {
  if (json) {
    boost::json::object object{{"code", to_string(error.code)}, {"message", error.message}};
    if (!error.reason.empty()) object["reason"] = error.reason;
    fmt::print(err, "{}\n", boost::json::serialize(boost::json::object{{"error", std::move(object)}}));
  } else {
    fmt::print(err, "edda: {}{}{}\n", error.where, error.where.empty() ? "" : ": ", error.message);
  }
  return error.code == Errc::invalid_argument ? exit_usage : exit_failure;
}

std::string Terminal::paint(std::string_view status) const {
  if (!color) return std::string(status);
  if (std::ranges::find(good, status) != good.end()) return fmt::format("\x1b[32m{}\x1b[0m", status);
  if (std::ranges::find(bad, status) != bad.end()) return fmt::format("\x1b[31m{}\x1b[0m", status);
  return fmt::format("\x1b[33m{}\x1b[0m", status);
}

void Table::print(const Terminal& terminal) const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  for (const auto& row : rows_) {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += row[i];
      if (i + 1 < row.size()) text += std::string(widths[i] - width(row[i]) + 2, ' ');
    }
    terminal.line(text);
  }
}

std::string text_at(const boost::json::value& value, std::string_view path) {
  const boost::json::value* at = &value;
  while (!path.empty()) {
    const auto dot = std::min(path.find('.'), path.size());
    const auto* object = at->if_object();
    at = object != nullptr ? object->if_contains(path.substr(0, dot)) : nullptr;
    if (at == nullptr) return "";
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  if (at->is_null()) return "";
  if (const auto* text = at->if_string()) return std::string(*text);
  if (const auto* object = at->if_object()) {
    if (const auto money = money_text(*object)) return *money;
  }
  return boost::json::serialize(*at);
}

}  // namespace edda::cli
