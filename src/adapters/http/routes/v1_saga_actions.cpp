#include <fmt/format.h>

#include <array>

#include "http/routes/v1_body.hpp"
#include "http/routes/v1_etag.hpp"
#include "http/routes/v1_operators.hpp"
#include "http/routes/v1_render.hpp"
#include "http/routes/v1_routes.hpp"
#include "operators/operator_service.hpp"
#include "operators/refusals.hpp"
#include "queries/alias.hpp"

namespace edda::http::v1 {
namespace {

using saga::OperatorAction;

struct Aim {
  operators::Target target;
  bool given = false;  ///< whether If-Match is there at all
};

/// The saga that the path names, in the version that If-Match names.
Task<Result<Aim>> aim(Context context, const Request& request) {
  CO_TRY(const Uuid id, uuid_param(request, "id"));
  CO_TRY(const auto saga, co_await queries::find_saga(context.api.views, context.api.store, SagaId{id}, context.api.deadline()));
  if (!saga) co_return not_found("saga");
  CO_TRY(const auto precondition, if_match(request, saga->row.version));
  co_return Aim{{saga->row.id, saga->row.order, precondition.expected}, precondition.given};
}

Response version_needed(const Request& request) {
  return render(request, Problem{.status = 428, .detail = "Acting on a saga needs the version that you read."});
}

/// A refusal says what to do instead.
Response action_refusal(const Request& request, const Error& error) {
  return render(request, Problem{.status = 409,
                                 .detail = error.message,
                                 .code = error.reason,
                                 .next = std::string(operators::advice_for(error.reason).next)});
}

Result<Response> answered(const Request& request, Result<operators::Acted> acted) {
  if (!acted && acted.error().code == Errc::rejected) return action_refusal(request, acted.error());
  if (!acted) return std::unexpected(std::move(acted.error()));
  auto response = saga_answer(202, acted->saga, acted->folded());
  if (acted->replayed) response.set("Idempotent-Replayed", "true");
  return response;
}

template <OperatorAction action>
Task<Result<Response>> act(Context context, Request& request) {
  CO_TRY(const Aim at, co_await aim(context, request));
  if (!at.given) co_return version_needed(request);
  CO_TRY(auto key, client_key(request, fmt::format("POST /v1/sagas/{{id}}/{}", path_of(action))));
  CO_TRY(const JsonValue body, parse_body(request));
  Faults faults;
  FieldReader reader(body, "", faults, {"reason", "step", "outcome", "reference"});
  std::string reason = reader.text("reason", 1, reason_characters_max);
  operators::Act what = read_act(reader, action, faults);
  if (faults.any()) co_return faults.answer(request);
  co_return answered(request, co_await context.api.operators.act(
                                  at.target, std::move(what), accounts::actor_of(*request.principal, std::move(reason)),
                                  std::move(key), context.api.deadline(), request.trace));
}

Task<Result<Response>> signal(Context context, Request& request) {
  CO_TRY(const Aim at, co_await aim(context, request));
  if (!at.given) co_return version_needed(request);
  CO_TRY(auto key, client_key(request, "POST /v1/sagas/{id}/signals/{name}"));
  CO_TRY(const JsonValue body, parse_body(request));
  Faults faults;
  FieldReader reader(body, "", faults, {"reason", "accepted"});
  std::string reason = reader.text("reason", 1, reason_characters_max);
  const auto accepted = reader.optional_flag("accepted");
  if (!reader.has("accepted")) reader.wrong("accepted", "is missing");
  if (faults.any()) co_return faults.answer(request);
  co_return answered(request, co_await context.api.operators.signal(
                                  at.target, {std::string(request.param("name")), *accepted},
                                  accounts::actor_of(*request.principal, std::move(reason)), std::move(key),
                                  context.api.deadline(), request.trace));
}

}  // namespace

std::string path_of(OperatorAction action) {
  std::string path(saga::to_string(action));
  std::ranges::replace(path, '_', '-');
  return path;
}

operators::Act read_act(FieldReader& reader, OperatorAction action, Faults& faults) {
  const bool states = action == OperatorAction::state_outcome;
  const bool needs_step = states || action == OperatorAction::skip;
  const bool takes_step = needs_step || action == OperatorAction::retry;
  operators::Act act;
  act.action = action;
  const auto foreign = [&](std::string_view name) { reader.wrong(name, fmt::format("is no field of {}", path_of(action))); };
  if (needs_step) {
    act.step = reader.text("step", 1, step_characters_max);
  } else if (takes_step) {
    act.step = reader.optional_text("step", step_characters_max).value_or("");
  } else if (reader.has("step")) {
    foreign("step");
  }
  for (const auto* name : {"outcome", "reference"}) {
    if (!states && reader.has(name)) foreign(name);
  }
  if (!states) return act;
  const auto outcome = saga::parse_outcome(reader.text("outcome", 1, step_characters_max));
  if (!outcome || *outcome == saga::Outcome::unknown)
    faults.meaning.push_back({reader.pointer_to("outcome"), "must be succeeded, declined or failed"});
  act.outcome = outcome.value_or(saga::Outcome::unknown);
  act.reference = reader.optional_text("reference", reference_characters_max).value_or("");
  return act;
}

void add_saga_action_routes(Router& router, Context context) {
  using enum OperatorAction;
  struct Row {
    OperatorAction action;
    const char* name;
    Handler handler;
  };
  constexpr std::array<Row, 8> rows{{{retry, "v1RetrySaga", &act<retry>},
                                     {skip, "v1SkipSagaStep", &act<skip>},
                                     {compensate, "v1CompensateSaga", &act<compensate>},
                                     {cancel, "v1CancelSaga", &act<cancel>},
                                     {pause, "v1PauseSaga", &act<pause>},
                                     {resume, "v1ResumeSaga", &act<resume>},
                                     {force_close, "v1ForceCloseSaga", &act<force_close>},
                                     {state_outcome, "v1StateSagaOutcome", &act<state_outcome>}}};
  for (const Row& row : rows)
    add(router, context, Method::post, "/v1/sagas/{id}/" + path_of(row.action), row.name, staff, row.handler);
  add(router, context, Method::post, "/v1/sagas/{id}/signals/{name}", "v1SignalSaga", staff, &signal);
}

}  // namespace edda::http::v1
