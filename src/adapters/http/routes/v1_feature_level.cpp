#include <fmt/format.h>

#include "base/json_writer.hpp"
#include "http/routes/v1_operators.hpp"
#include "http/routes/v1_routes.hpp"
#include "operators/feature_level_service.hpp"

namespace edda::http::v1 {
namespace {

void write_nodes(JsonWriter& json, const std::vector<NodeLevel>& nodes) {
  json.key("nodes").begin_array();
  for (const NodeLevel& node : nodes) {
    json.begin_object().field("id", node.node).field("newest", std::int64_t{node.newest}).end_object();
  }
  json.end_array();
}

Task<Result<Response>> get_feature_level(Context context, Request&) {
  CO_TRY(const auto status, co_await context.operations.levels.status(context.api.deadline()));
  JsonWriter json;
  json.begin_object()
      .field("level", std::int64_t{status.level})
      .field("newest", std::int64_t{status.newest})
      .field("raisable_to", std::int64_t{status.raisable_to});
  write_nodes(json, status.nodes);
  json.end_object();
  co_return json_text(200, json.take());
}

struct Wish {
  int to = 0;
  bool dry_run = false;
  std::string reason;
};

Wish read_wish(const JsonValue& body, Faults& faults) {
  FieldReader reader(body, "", faults, {"raise_to", "reason", "dry_run"});
  Wish wish;
  wish.to = static_cast<int>(reader.integer("raise_to", 1, 1'000'000));
  wish.dry_run = reader.optional_flag("dry_run").value_or(false);
  wish.reason = reader.text("reason", 1, reason_characters_max);
  if (!faults.any() && wish.to > newest_feature_level) {
    faults.meaning.push_back({"/raise_to", fmt::format("is a level that this node's release does not know: it knows 1 to {}", newest_feature_level)});
  }
  return wish;
}

Response level_refusal(const Request& request, const Error& error) {
  const bool too_old = error.reason == "node_too_old";
  return render(request, Problem{.status = 409,
                                 .detail = error.message,
                                 .code = error.reason,
                                 .next = too_old ? "Upgrade these nodes or stop them, then raise the level."
                                                 : "Nothing needs to be raised: GET /v1/admin/feature-level says what stands.",
                                 .errors = {{"/raise_to", too_old ? "is not known by every node that lives" : "is lower than what stands"}}});
}

Task<Result<Response>> raise(Context context, Request& request) {
  CO_TRY(const JsonValue body, parse_body(request));
  Faults faults;
  Wish wish = read_wish(body, faults);
  if (faults.any()) co_return faults.answer(request);
  auto& levels = context.operations.levels;
  auto actor = accounts::actor_of(*request.principal, std::move(wish.reason));
  const auto raised = wish.dry_run ? co_await levels.preview(wish.to, context.api.deadline())
                                   : co_await levels.raise(wish.to, std::move(actor), context.api.deadline());
  if (!raised && raised.error().code == Errc::rejected) co_return level_refusal(request, raised.error());
  CO_TRY_VOID(raised);
  JsonWriter json;
  json.begin_object()
      .field("dry_run", wish.dry_run)
      .field("from", std::int64_t{raised->from})
      .field("to", std::int64_t{raised->to});
  write_nodes(json, raised->nodes);
  json.end_object();
  co_return json_text(200, json.take());
}

}  // namespace

void add_feature_level_routes(Router& router, Context context) {
  const auto admin = Access::roles({Role::admin});
  add(router, context, Method::get, "/v1/admin/feature-level", "v1GetFeatureLevel", admin, &get_feature_level);
  add(router, context, Method::post, "/v1/admin/feature-level", "v1RaiseFeatureLevel", admin, &raise);
}

}  // namespace edda::http::v1
