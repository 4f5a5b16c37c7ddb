#include "http/routes/v1_support.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "http/strict_json.hpp"

namespace edda::http::v1 {
namespace {

constexpr std::size_t idempotency_key_max = 255;
constexpr std::size_t rows_default = 20;
constexpr std::size_t rows_max = 100;

Response answer(const Request& request, const Error& error) {
  if (error.reason == "idempotency_key_reused") {
    return render(request, Problem{.status = 422,
                                   .detail = "This Idempotency-Key was used for another request.",
                                   .code = error.reason,
                                   .next = "Send the first request again unchanged, or this one under a new key.",
                                   .errors = {{"Idempotency-Key", "was used for another request"}}});
  }
  return render(request, error, request.header("If-Match") ? 412 : 409);
}

}  // namespace

void add(Router& router, Context context, Method method, std::string path, std::string name, Access access,
         Handler handler, std::string produces) {
  Route route;
  route.method = method;
  route.path = std::move(path);
  route.name = std::move(name);
  route.access = access;
  route.produces = std::move(produces);
  route.handler = [context, handler](Request& request) -> Task<Response> {
    auto result = co_await handler(context, request);
    if (!result) co_return answer(request, result.error());
    co_return std::move(*result);
  };
  router.add(std::move(route));
}

queries::Visibility visibility_of(const Request& request) { return queries::visible_to(*request.principal); }

std::unexpected<Error> not_found(std::string_view kind) {
  return fail(Errc::not_found, fmt::format("There is no such {}.", kind));
}

std::unexpected<Error> invalid_parameter(std::string name, std::string detail) {
  return fail(Errc::invalid_argument, std::move(detail), std::move(name));
}

Result<Uuid> uuid_param(const Request& request, std::string_view name) {
  const auto id = parse_uuid(request.param(name));
  if (!id) return invalid_parameter(std::string(name), "is no UUID");
  return *id;
}

Result<std::optional<std::string>> text_query(const Request& request, std::string_view name,
                                              std::size_t characters_max) {
  const auto text = request.query(name);
  if (!text) return std::optional<std::string>{};
  const auto characters = std::ranges::count_if(*text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  if (text->empty() || static_cast<std::size_t>(characters) > characters_max || has_control_or_bidi(*text)) {
    return invalid_parameter(std::string(name),
                             fmt::format("must have 1 to {} characters, none of them control characters", characters_max));
  }
  return std::optional(std::string(*text));
}

Result<std::optional<Uuid>> uuid_query(const Request& request, std::string_view name) {
  const auto text = request.query(name);
  if (!text) return std::optional<Uuid>{};
  const auto id = parse_uuid(*text);
  if (!id) return invalid_parameter(std::string(name), "is no UUID");
  return id;
}

Result<std::optional<Timestamp>> time_query(const Request& request, std::string_view name) {
  const auto text = request.query(name);
  if (!text) return std::optional<Timestamp>{};
  const auto at = parse_rfc3339(*text);
  if (!at) return invalid_parameter(std::string(name), "is no time: give one as 2026-01-31T12:00:00Z");
  return at;
}

Result<std::size_t> limit_query(const Request& request, std::size_t fallback, std::size_t most) {
  const auto text = request.query("limit");
  if (!text) return fallback;
  std::size_t limit = 0;
  const auto* last = text->data() + text->size();
  const auto [end, error] = std::from_chars(text->data(), last, limit);
  if (end != last || text->empty() || (error != std::errc{} && error != std::errc::result_out_of_range)) {
    return invalid_parameter("limit", "must be an integer of 1 or more");
  }
  if (error == std::errc::result_out_of_range) return most;
  if (limit < 1) return invalid_parameter("limit", "must be an integer of 1 or more");
  return std::min(limit, most);
}

Result<ListWindow> window_query(const Request& request, const queries::CursorScope& scope) {
  ListWindow window;
  TRY(window.limit, limit_query(request, rows_default, rows_max));
  if (const auto cursor = request.query("cursor")) {
    TRY(window.after, queries::parse_list_cursor(scope, *cursor));
  }
  return window;
}

std::optional<std::chrono::seconds> parse_age(std::string_view text) {
  constexpr std::size_t digits_max = 6;
  std::int64_t number = 0;
  const char* first = text.data();
  const char* last = first + text.size();
  const auto [end, error] = std::from_chars(first, last, number);
  const auto digits = static_cast<std::size_t>(end - first);
  if (error != std::errc{} || *first == '-' || digits > digits_max || last - end != 1) return std::nullopt;
  switch (*end) {
    case 's': return std::chrono::seconds(number);
    case 'm': return std::chrono::minutes(number);
    case 'h': return std::chrono::hours(number);
    case 'd': return std::chrono::hours(number * 24);
    default: return std::nullopt;
  }
}

queries::CursorScope scope_of(const Context& context, char kind, Uuid thing) {
  return {kind, context.api.store.info().generation, thing};
}

Result<std::optional<orders::ClientKey>> client_key(const Request& request, std::string_view route) {
  const auto key = request.header("Idempotency-Key");
  if (!key) return std::optional<orders::ClientKey>{};
  const auto visible = [](char c) { return c > ' ' && c < '\x7f'; };
  if (key->empty() || key->size() > idempotency_key_max || !std::ranges::all_of(*key, visible)) {
    return fail(Errc::invalid_argument, "must have 1 to 255 visible ASCII characters", "Idempotency-Key",
                "idempotency_key_invalid");
  }
  // What the key stands for is the request: its target thing (in the path) and its body.
  const auto fingerprint = orders::fingerprint_of(fmt::format("{}\n{}", request.path, request.body));
  return orders::ClientKey{to_string(request.principal->user), std::string(route), std::string(*key), fingerprint};
}

}  // namespace edda::http::v1
