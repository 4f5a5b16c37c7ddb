#include "maintenance/verify_report.hpp"

#include <algorithm>

#include "base/json_writer.hpp"

namespace edda::maintenance {
namespace {

void write_lines(JsonWriter& json, std::string_view name, const Lines& lines) {
  json.key(name).begin_array();
  for (const auto& line : lines.kept) json.value(line);
  json.end_array();
}

void write_check(JsonWriter& json, const VerifyCheck& check) {
  json.begin_object()
      .field("name", check.name)
      .field("ok", check.ok())
      .field("checked", check.checked)
      .field("faults_total", check.faults.total);
  write_lines(json, "faults", check.faults);
  json.field("notes_total", check.notes.total);
  write_lines(json, "notes", check.notes);
  json.end_object();
}

void write_totals(JsonWriter& json, const std::string& currency, const MoneyTotals& totals) {
  json.begin_object()
      .field("currency", currency)
      .field("captured", totals.captured)
      .field("refunded", totals.refunded)
      .field("standing", totals.standing)
      .field("standing_refunded", totals.standing_refunded)
      .field("in_flight", totals.in_flight)
      .field("parked", totals.parked)
      .field("difference", totals.difference())
      .end_object();
}

}  // namespace

void Lines::add(std::string line) {
  ++total;
  if (kept.size() < lines_kept_max) kept.push_back(std::move(line));
}

std::vector<const VerifyCheck*> VerifyReport::checks() const {
  return {&log, &views, &sagas, &orders, &money, &stock, &ledger};
}

bool VerifyReport::ok() const {
  return std::ranges::all_of(checks(), [](const VerifyCheck* check) { return check->ok(); });
}

std::string to_json(const VerifyReport& report) {
  JsonWriter json;
  json.begin_object().field("ok", report.ok());
  json.key("checks").begin_array();
  for (const VerifyCheck* check : report.checks()) write_check(json, *check);
  json.end_array();
  json.key("money").begin_array();
  for (const auto& [currency, totals] : report.totals) write_totals(json, currency, totals);
  json.end_array();
  json.field("duration_ms", static_cast<std::int64_t>(report.duration.count())).end_object();
  return json.take();
}

}  // namespace edda::maintenance
