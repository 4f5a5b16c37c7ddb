#include "http/routes/v1_events.hpp"

#include "http/routes/v1_routes.hpp"

namespace edda::http::v1 {
namespace {

Task<Result<Response>> list_events(Context context, Request& request) {
  auto& feed = context.operations.feed;
  CO_TRY(const auto limit, limit_query(request, event_rows_default, event_rows_max));
  CO_TRY(auto from, parse_log_place(context, request.query("cursor"), feed.beginning()));
  CO_TRY(auto query, co_await event_query(context, request));
  CO_TRY(const auto page, co_await feed.after(std::move(from), std::move(query), limit,
                                              queries::EventFeed::Read::to_the_end, context.api.deadline()));
  JsonWriter json;
  json.begin_object();
  write_events(json, page.events);
  write_page_end(json, page.has_more, queries::positions_cursor(scope_of(context, log_cursor_kind), page.next));
  json.end_object();
  co_return json_text(200, json.take());
}

Task<Result<Response>> list_of_order(Context context, Request& request) {
  CO_TRY(const auto order, co_await visible_order_id(context, request));
  CO_TRY(const auto limit, limit_query(request, event_rows_default, event_rows_max));
  const auto scope = scope_of(context, story_cursor_kind, order.value);
  Position from{0};
  if (const auto cursor = request.query("cursor")) {
    CO_TRY(from.value, queries::parse_number_cursor(scope, *cursor));
  }
  CO_TRY(auto events, co_await context.operations.feed.story(order, from, limit + 1, context.api.deadline()));
  const bool has_more = events.size() > limit;
  if (has_more) events.resize(limit);
  const Position next = events.empty() ? from : events.back()->position;
  JsonWriter json;
  json.begin_object();
  write_events(json, events);
  write_page_end(json, has_more, queries::number_cursor(scope, next.value));
  json.end_object();
  co_return json_text(200, json.take());
}

/// The version of a whole stream, by its view.
Task<Result<StreamVersion>> version_of(Context context, StreamId stream, std::string_view type) {
  auto& views = context.api.views;
  const auto deadline = context.api.deadline();
  if (type == "order") {
    CO_TRY(const auto order, co_await views.find_order(OrderId{stream.value}, deadline));
    co_return order ? order->row.version : StreamVersion{};
  }
  if (type == "payment") {
    CO_TRY(const auto payment, co_await views.find_payment(PaymentId{stream.value}, deadline));
    co_return payment ? payment->row.version : StreamVersion{};
  }
  if (type == "product") {
    CO_TRY(const auto product, co_await views.find_product(ProductId{stream.value}, deadline));
    co_return product ? product->row.version : StreamVersion{};
  }
  CO_TRY(const auto saga, co_await views.find_saga(SagaId{stream.value}, deadline));
  co_return saga ? saga->row.version : StreamVersion{};
}

/// A product's stream tells of everybody's orders: it is its merchant's, and theirs who see all.
Task<Result<std::optional<UserId>>> owner_of(Context context, const RecordedEvent& first) {
  const auto deadline = context.api.deadline();
  if (stream_type_of(first) == "product") {
    CO_TRY(const auto product, co_await context.api.views.find_product(ProductId{first.stream.value}, deadline));
    co_return product ? std::optional(product->row.merchant) : std::nullopt;
  }
  CO_TRY(const auto order, co_await context.api.views.find_order(first.correlation, deadline));
  co_return order ? std::optional(order->row.user) : std::nullopt;
}

/// The first event of the stream, if the caller may see whose it is.
Task<Result<RecordedEvent>> visible_beginning(Context context, const Request& request, StreamId stream) {
  CO_TRY(auto first, co_await context.api.store.read_stream(stream, StreamVersion{0}, 1, context.api.deadline()));
  if (first.empty()) co_return not_found("stream");
  CO_TRY(const auto owner, co_await owner_of(context, first.front()));
  if (!owner || !visibility_of(request).allows(*owner)) co_return not_found("stream");
  co_return std::move(first.front());
}

Task<Result<Response>> get_stream(Context context, Request& request) {
  CO_TRY(const Uuid id, uuid_param(request, "id"));
  CO_TRY(const auto first, co_await visible_beginning(context, request, StreamId{id}));
  const auto type = stream_type_of(first);
  CO_TRY(const auto version, co_await version_of(context, StreamId{id}, type));
  CO_TRY(const auto page, co_await stream_page(context, request, StreamId{id}));
  JsonWriter json;
  json.begin_object().field("stream_id", id).field("stream_type", type).field("version", version.value);
  write_events(json, page.events);
  write_page_end(json, page.has_more, page.has_more ? page.next_cursor : std::string());
  json.end_object();
  co_return json_text(200, json.take());
}

}  // namespace

const RecordedEvent& event_of(const RecordedEvent& event) { return event; }
const RecordedEvent& event_of(const queries::EventPtr& event) { return *event; }

Task<Result<StreamPage>> stream_page(Context context, const Request& request, StreamId stream) {
  const auto scope = scope_of(context, stream_cursor_kind, stream.value);
  CO_TRY(const auto limit, limit_query(request, event_rows_default, event_rows_max));
  StreamVersion after{0};
  if (const auto cursor = request.query("cursor")) {
    CO_TRY(after.value, queries::parse_number_cursor(scope, *cursor));
  }
  StreamPage page;
  CO_TRY(page.events, co_await context.api.store.read_stream(stream, after, limit + 1, context.api.deadline()));
  page.has_more = page.events.size() > limit;
  if (page.has_more) page.events.pop_back();
  if (!page.events.empty()) after = page.events.back().version;
  page.next_cursor = queries::number_cursor(scope, after.value);
  co_return page;
}

Task<Result<OrderId>> visible_order_id(Context context, const Request& request) {
  CO_TRY(const Uuid id, uuid_param(request, "id"));
  CO_TRY(const auto order, co_await context.api.views.find_order(OrderId{id}, context.api.deadline()));
  if (!order || !visibility_of(request).allows(order->row.user)) co_return not_found("order");
  co_return order->row.id;
}

Task<Result<queries::EventQuery>> event_query(Context context, const Request& request) {
  queries::EventQuery query;
  query.visibility = visibility_of(request);
  CO_TRY(query.type, text_query(request, "type", 100));
  CO_TRY(const auto stream, uuid_query(request, "stream"));
  if (stream) query.stream = StreamId{*stream};
  CO_TRY(const auto correlation, text_query(request, "correlation_id", 255));
  if (!correlation) co_return query;
  query.correlation = parse_id<OrderId>(*correlation);
  if (!query.correlation) {
    CO_TRY(const auto holder, co_await context.api.orders.find_by_claimed_key(*correlation, context.api.deadline()));
    query.correlation = holder.value_or(OrderId{});  // nil: no event is of that order
  }
  co_return query;
}

Result<queries::Positions> parse_log_place(Context context, std::optional<std::string_view> cursor,
                                           queries::Positions otherwise) {
  if (!cursor) return otherwise;
  return queries::parse_positions_cursor(scope_of(context, log_cursor_kind), otherwise.size(), *cursor);
}

void add_event_routes(Router& router, Context context) {
  const auto signed_in = Access::signed_in();
  add(router, context, Method::get, "/v1/events", "v1ListEvents", signed_in, &list_events);
  add(router, context, Method::get, "/v1/orders/{id}/events", "v1ListOrderEvents", signed_in, &list_of_order);
  add(router, context, Method::get, "/v1/streams/{id}", "v1GetStream", signed_in, &get_stream);
}

}  // namespace edda::http::v1
