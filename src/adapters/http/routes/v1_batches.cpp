#include <fmt/format.h>

#include "http/routes/v1_batch_body.hpp"
#include "http/routes/v1_operators.hpp"
#include "http/routes/v1_render.hpp"
#include "http/routes/v1_routes.hpp"
#include "http/routes/v1_stream_place.hpp"

namespace edda::http::v1 {
namespace {

using operators::BatchId;
using operators::BatchStatus;
using std::chrono::milliseconds;

constexpr milliseconds progress_interval{250};

void write_counts(JsonWriter& json, std::string_view name, const std::map<std::string, std::int64_t>& counts) {
  json.key(name).begin_object();
  for (const auto& [reason, count] : counts) json.field(reason, count);
  json.end_object();
}

void write_batch(JsonWriter& json, const BatchStatus& batch) {
  json.begin_object()
      .field("id", batch.id)
      .field("action", saga::to_string(batch.action))
      .field("state", to_string(batch.state))
      .field("reason", batch.reason)
      .field("started_by", batch.by)
      .field("rate", batch.rate)
      .field("matching", batch.matching)
      .field("selected", batch.selected)
      .field("processed", batch.processed)
      .field("done", batch.done);
  write_counts(json, "refused", batch.refused);
  write_counts(json, "failed", batch.failed);
  json.key("examples").begin_array();
  for (const auto& example : batch.examples) {
    json.begin_object().field("saga_id", example.saga).field("reason", example.reason).end_object();
  }
  json.end_array();
  write_text_or_null(json, "error", batch.error);
  json.field("created_at", batch.created_at).field("updated_at", batch.updated_at).end_object();
}

std::string batch_json(const BatchStatus& batch) {
  JsonWriter json;
  write_batch(json, batch);
  return json.take();
}

Task<Result<Response>> preview(Context context, operators::BatchOrder order) {
  const auto action = order.act.action;
  CO_TRY(const auto preview, co_await context.operations.batches.preview(std::move(order), context.api.deadline()));
  JsonWriter json;
  json.begin_object()
      .field("dry_run", true)
      .field("action", saga::to_string(action))
      .field("matching", preview.matching)
      .field("selected", preview.selected)
      .key("first")
      .begin_array();
  for (const SagaRecord& saga : preview.first) write_saga(json, saga, nullptr);
  json.end_array().end_object();
  co_return json_text(200, json.take());
}

Response refusal(const Request& request, const Error& error) {
  const bool differs = error.reason == "count_differs";
  Problem problem{.status = 409, .detail = error.message, .code = error.reason};
  problem.next = differs ? "Look at a dry run again, and repeat its count as expected_count." : "Look at a dry run: what shall it act on?";
  if (differs) problem.errors = {{error.where, "is not the number of sagas that match now"}};
  return render(request, problem);
}

Task<Result<Response>> start(Context context, Request& request) {
  CO_TRY(auto key, client_key(request, "POST /v1/batches"));
  CO_TRY(const JsonValue parsed, parse_body(request));
  Faults faults;
  BatchBody body = read_batch(parsed, context.api.clock.now(), faults);
  if (faults.any()) co_return faults.answer(request);
  if (body.dry_run) co_return co_await preview(context, std::move(body.order));
  auto started = co_await context.operations.batches.start(std::move(body.order), body.expected_count,
                                                           accounts::actor_of(*request.principal, std::move(body.reason)),
                                                           std::move(key), context.api.deadline());
  if (!started && started.error().code == Errc::rejected) co_return refusal(request, started.error());
  if (!started) co_return std::unexpected(std::move(started.error()));
  auto response = json_text(202, batch_json(started->batch));
  response.set("Location", "/v1/batches/" + to_string(started->batch.id));
  if (started->replayed) response.set("Idempotent-Replayed", "true");
  co_return response;
}

Task<Result<Response>> list_batches(Context context, Request&) {
  JsonWriter json;
  json.begin_object().key("batches").begin_array();
  for (const BatchStatus& batch : context.operations.batches.list()) write_batch(json, batch);
  json.end_array().end_object();
  co_return json_text(200, json.take());
}

Result<BatchStatus> batch_of(Context context, const Request& request) {
  TRY(const Uuid id, uuid_param(request, "id"));
  auto batch = context.operations.batches.find(BatchId{id});
  if (!batch) return not_found("batch");
  return *std::move(batch);
}

Task<Result<Response>> get_batch(Context context, Request& request) {
  CO_TRY(const auto batch, batch_of(context, request));
  co_return json_text(200, batch_json(batch));
}

Task<Result<Response>> cancel_batch(Context context, Request& request) {
  CO_TRY(const auto batch, batch_of(context, request));
  CO_TRY(const JsonValue body, parse_body(request));
  Faults faults;
  FieldReader reader(body, "", faults, {"reason"});
  std::string reason = reader.text("reason", 1, reason_characters_max);
  if (faults.any()) co_return faults.answer(request);
  auto cancelled = co_await context.operations.batches.cancel(
      batch.id, accounts::actor_of(*request.principal, std::move(reason)), context.api.deadline());
  if (!cancelled && cancelled.error().code == Errc::rejected) {
    co_return render(request, Problem{.status = 409,
                                      .detail = cancelled.error().message,
                                      .code = cancelled.error().reason,
                                      .next = "Read it: GET /v1/batches/{id} says what was done."});
  }
  if (!cancelled) co_return std::unexpected(std::move(cancelled.error()));
  co_return json_text(202, batch_json(*cancelled));
}

/// Says how the batch stands whenever that has changed, and ends with it.
Task<void> follow(Context context, BatchId id, StreamWriter& writer) {
  Clock& clock = context.api.clock;
  std::string sent;
  auto sent_at = clock.steady_now();
  for (;;) {
    const auto batch = context.operations.batches.find(id);
    if (!batch) co_return;
    const bool running = batch->state == operators::BatchState::running;
    std::string now = fmt::format("id: {}\nevent: {}\ndata: {}\n\n", batch->processed, running ? "progress" : "end", batch_json(*batch));
    const bool silent = clock.steady_now() - sent_at >= stream_heartbeat;
    if (now != sent || silent) {
      const std::string_view text = now != sent ? std::string_view(now) : still_here;
      if (!co_await writer.write(text, clock.deadline_in(stream_write_timeout))) co_return;
      sent = std::move(now);
      sent_at = clock.steady_now();
    }
    if (!running) co_return;
    co_await clock.sleep_until(clock.steady_now() + progress_interval);
  }
}

Task<Result<Response>> stream(Context context, Request& request) {
  CO_TRY(const auto batch, batch_of(context, request));
  CO_TRY(auto place, StreamPlace::take(context.operations));
  co_return event_stream([context, id = batch.id, place = std::move(place)](StreamWriter& writer) { return follow(context, id, writer); });
}

}  // namespace

void add_batch_routes(Router& router, Context context) {
  add(router, context, Method::post, "/v1/batches", "v1StartBatch", staff, &start);
  add(router, context, Method::get, "/v1/batches", "v1ListBatches", staff, &list_batches);
  add(router, context, Method::get, "/v1/batches/{id}", "v1GetBatch", staff, &get_batch);
  add(router, context, Method::post, "/v1/batches/{id}/cancel", "v1CancelBatch", staff, &cancel_batch);
  add(router, context, Method::get, "/v1/batches/{id}/stream", "v1StreamBatch", staff, &stream, "text/event-stream");
}

}  // namespace edda::http::v1
