#include "http/routes/v1_batch_body.hpp"

#include <algorithm>

#include "http/routes/v1_operators.hpp"

namespace edda::http::v1 {
namespace {

using operators::batch_ids_max;
using operators::batch_rate_max;
using operators::batch_sagas_max;

saga::OperatorAction read_action(FieldReader& reader, Faults& faults) {
  std::string name = reader.text("action", 1, step_characters_max);
  std::ranges::replace(name, '-', '_');
  const auto action = saga::parse_operator_action(name);
  if (!action && !name.empty()) faults.meaning.push_back({"/action", "is no action on sagas"});
  return action.value_or(saga::OperatorAction::retry);
}

void read_state(FieldReader& reader, Faults& faults, SagaFilter& filter) {
  const auto name = reader.optional_text("state", step_characters_max);
  if (!name) return;
  const auto state = parse_saga_status(*name);
  if (state && is_live(*state)) {
    filter.statuses = {*state};
  } else {
    faults.meaning.push_back({"/filter/state", "must be started, compensating, parked or paused"});
  }
}

SagaFilter read_filter(const JsonValue& value, Timestamp now, Faults& faults) {
  SagaFilter filter;
  FieldReader reader(value, "/filter", faults, {"state", "definition", "step", "older_than", "error"});
  read_state(reader, faults, filter);
  filter.definition = reader.optional_text("definition", step_characters_max);
  filter.step = reader.optional_text("step", step_characters_max);
  filter.error_contains = reader.optional_text("error", 200);
  if (const auto text = reader.optional_text("older_than", step_characters_max)) {
    const auto age = parse_age(*text);
    if (age) filter.created_before = now - *age;
    if (!age) faults.meaning.push_back({"/filter/older_than", "must be a number with s, m, h or d, as 5m"});
  }
  const auto* object = value.as_object();
  if (object != nullptr && object->empty()) faults.meaning.push_back({"/filter", "must have at least one condition"});
  return filter;
}

std::vector<SagaId> read_ids(FieldReader& reader, Faults& faults) {
  std::vector<SagaId> ids;
  const auto* array = reader.array("ids", 1, batch_ids_max);
  if (array == nullptr) return ids;
  for (std::size_t i = 0; i < array->size(); ++i) {
    const std::string* text = (*array)[i].as_string();
    const auto id = text != nullptr ? parse_uuid(*text) : std::nullopt;
    if (id) {
      ids.push_back(SagaId{*id});
    } else {
      faults.shape.push_back({fmt::format("/ids/{}", i), "is no UUID"});
    }
  }
  return ids;
}

}  // namespace

BatchBody read_batch(const JsonValue& value, Timestamp now, Faults& faults) {
  BatchBody body;
  FieldReader reader(value, "", faults,
                     {"action", "filter", "ids", "limit", "rate", "dry_run", "expected_count", "reason", "step", "outcome", "reference"});
  body.order.act = read_act(reader, read_action(reader, faults), faults);
  body.dry_run = reader.optional_flag("dry_run").value_or(false);
  body.reason = reader.text("reason", 1, reason_characters_max);
  if (reader.has("filter") == reader.has("ids")) {
    reader.wrong("filter", "or ids: exactly one of the two is needed");
  } else if (reader.has("ids")) {
    body.order.sagas = read_ids(reader, faults);
  } else {
    body.order.sagas = read_filter(*value.find("filter"), now, faults);
  }
  if (reader.has("limit")) {
    body.order.limit = static_cast<std::size_t>(reader.integer("limit", 1, static_cast<std::int64_t>(batch_sagas_max)));
  }
  if (reader.has("rate")) body.order.rate = static_cast<int>(std::max<std::int64_t>(1, reader.integer("rate", 1, batch_rate_max)));
  if (!body.dry_run) {
    body.expected_count = reader.integer("expected_count", 0, INT64_MAX);
  } else if (reader.has("expected_count")) {
    reader.wrong("expected_count", "is no field of a dry run: it counts");
  }
  return body;
}

}  // namespace edda::http::v1
