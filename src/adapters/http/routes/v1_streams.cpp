#include "http/routes/v1_events.hpp"
#include "http/routes/v1_follower.hpp"
#include "http/routes/v1_routes.hpp"

namespace edda::http::v1 {
namespace {

/// Last-Event-ID, which an EventSource sends by itself when it comes back, wins over ?cursor=.
std::optional<std::string_view> resume_from(const Request& request) {
  if (const auto last = request.header("Last-Event-ID")) return last;
  return request.query("cursor");
}

Task<Result<Response>> stream_log(Context context, Request& request) {
  CO_TRY(auto end, co_await context.operations.feed.end(context.api.deadline()));
  CO_TRY(auto from, parse_log_place(context, resume_from(request), std::move(end)));
  CO_TRY(auto query, co_await event_query(context, request));
  const auto scope = scope_of(context, log_cursor_kind);
  co_return Follower::open(context, std::move(from), std::move(query),
                           [scope](const RecordedEvent&, const queries::Positions& places) {
                             return queries::positions_cursor(scope, places);
                           });
}

Task<Result<Response>> stream_order(Context context, Request& request) {
  CO_TRY(const auto order, co_await visible_order_id(context, request));
  const auto scope = scope_of(context, story_cursor_kind, order.value);
  auto from = context.operations.feed.beginning();
  if (const auto cursor = resume_from(request)) {
    CO_TRY(const auto position, queries::parse_number_cursor(scope, *cursor));
    from.at(shard_of(order.value, context.api.store.info().shards).value) = Position{position};
  }
  queries::EventQuery query;
  query.correlation = order;
  query.visibility = visibility_of(request);
  co_return Follower::open(context, std::move(from), std::move(query),
                           [scope](const RecordedEvent& event, const queries::Positions&) {
                             return queries::number_cursor(scope, event.position.value);
                           });
}

}  // namespace

void add_stream_routes(Router& router, Context context) {
  add(router, context, Method::get, "/v1/events/stream", "v1StreamEvents", Access::signed_in(), &stream_log,
      "text/event-stream");
  add(router, context, Method::get, "/v1/orders/{id}/stream", "v1StreamOrder", Access::signed_in(), &stream_order,
      "text/event-stream");
}

}  // namespace edda::http::v1
