#include "http/routes/old_support.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/assert.hpp"

namespace edda::http::old {
namespace {

constexpr std::size_t page_max = 1'000'000'000;
constexpr std::size_t page_limit_default = 10;

Task<Response> answer(Handler handler, Api& api, Request& request) {
  auto response = co_await handler(api, request);
  if (!response) co_return render(request, response.error());
  co_return *std::move(response);
}

}  // namespace

void add(Router& router, Api& api, Method method, std::string path, std::string name, Access access, Handler handler) {
  Route route;
  route.method = method;
  route.path = std::move(path);
  route.name = std::move(name);
  route.access = access;
  route.handler = [&api, handler](Request& request) { return answer(handler, api, request); };
  router.add(std::move(route));
}

Access test_routes_access(const ApiSettings& settings) {
  const bool open = settings.open_test_routes && settings.mode != Mode::production;
  return open ? Access::open() : Access::roles({Role::admin});
}

Access staff_in_production(Mode mode) {
  return mode == Mode::production ? Access::roles({Role::operator_, Role::admin}) : Access::signed_in();
}

queries::Visibility visibility_of(const Request& request) {
  EDDA_ASSERT(request.principal.has_value());
  return queries::visible_to(*request.principal);
}

Result<JsonValue> parse_body(const Request& request) {
  if (request.body.empty()) return JsonValue(JsonValue::Object{});
  TRY(JsonValue body, parse_strict(request.body));
  if (body.as_object() == nullptr) return fail(Errc::invalid_argument, "The body must be a JSON object");
  return body;
}

Response invalid(const Request& request, std::vector<FieldError> errors) {
  Problem problem;
  problem.status = 400;
  problem.detail = "The request has fields that are wrong.";
  problem.errors = std::move(errors);
  return render(request, problem);
}

std::string pointer_of(std::string_view property) {
  std::string pointer;
  for (std::size_t begin = 0; begin < property.size();) {
    const std::size_t end = std::min(property.find('.', begin), property.size());
    pointer = pointer_append(pointer, property.substr(begin, end - begin));
    begin = end + 1;
  }
  return pointer;
}

FieldError field_error(std::string_view property, std::string_view complaint) {
  return {pointer_of(property), fmt::format("{} {}", property, complaint)};
}

Result<Uuid> uuid_param(const Request& request, std::string_view name) {
  if (const auto id = parse_uuid(request.param(name))) return *id;
  return fail(Errc::invalid_argument, "Validation failed (uuid is expected)", std::string(name));
}

Result<std::size_t> number_query(const Request& request, std::string_view name, std::size_t fallback,
                                 std::size_t least) {
  const auto text = request.query(name);
  if (!text) return fallback;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size()) {
    return fail(Errc::invalid_argument, "Validation failed (numeric string is expected)", std::string(name));
  }
  if (number < static_cast<std::int64_t>(least)) {
    return fail(Errc::invalid_argument, fmt::format("{} must not be less than {}", name, least), std::string(name));
  }
  return static_cast<std::size_t>(number);
}

ListWindow PageQuery::window() const {
  ListWindow window;
  window.offset = (page - 1) * limit;
  window.limit = limit;
  window.want_total = true;
  return window;
}

Result<PageQuery> page_query(const Request& request) {
  TRY(const std::size_t page, number_query(request, "page", 1, 1));
  TRY(const std::size_t limit, number_query(request, "limit", page_limit_default, 0));
  if (page > page_max) {
    return fail(Errc::invalid_argument, fmt::format("page must not be greater than {}", page_max), "page");
  }
  return PageQuery{page, std::min(limit, list_rows_max)};
}

void write_page_fields(JsonWriter& json, const PageQuery& page, std::int64_t total) {
  json.field("total", total).field("page", page.page).field("limit", page.limit).key("totalPages");
  if (page.limit == 0) {
    json.null();
  } else {
    const auto limit = static_cast<std::int64_t>(page.limit);
    json.value((total + limit - 1) / limit);
  }
}

ListWindow capped_window() {
  ListWindow window;
  window.limit = list_rows_max;
  window.want_total = true;
  return window;
}

ListWindow count_window() {
  ListWindow window;
  window.limit = 1;
  window.want_total = true;
  return window;
}

}  // namespace edda::http::old
