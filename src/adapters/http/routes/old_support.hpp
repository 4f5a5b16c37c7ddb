#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/json_writer.hpp"
#include "base/result.hpp"
#include "http/message.hpp"
#include "http/problem.hpp"
#include "http/router.hpp"
#include "http/routes/api.hpp"
#include "http/strict_json.hpp"
#include "ports/read_models.hpp"
#include "queries/visibility.hpp"

/// What the unversioned routes share: they read and refuse requests in the words of the replaced system.
namespace edda::http::old {

/// An unbounded list of the replaced system gives the newest of these, and the true count.
inline constexpr std::size_t list_rows_max = 1'000;

/// A saga that has not ended after this long is called stuck, as there.
inline constexpr std::chrono::seconds stuck_after{60};

/// An error becomes the route's answer, as `render` has it.
using Handler = Task<Result<Response>> (*)(Api&, Request&);
void add(Router& router, Api& api, Method method, std::string path, std::string name, Access access, Handler handler);

/// Anybody in demo and development, admin only in production.
Access test_routes_access(const ApiSettings& settings);
/// Anybody signed in in demo and development, operator and admin in production.
Access staff_in_production(Mode mode);

queries::Visibility visibility_of(const Request& request);

/// The body as a JSON object; no body is an empty one. Errors: invalid_argument.
Result<JsonValue> parse_body(const Request& request);
/// 400 with the array of what is wrong.
Response invalid(const Request& request, std::vector<FieldError> errors);
/// The JSON pointer of a property as class-validator names it: "items.0.price" is "/items/0/price".
std::string pointer_of(std::string_view property);
FieldError field_error(std::string_view property, std::string_view complaint);

/// Errors: invalid_argument "Validation failed (uuid is expected)".
Result<Uuid> uuid_param(const Request& request, std::string_view name);
/// Errors: invalid_argument "Validation failed (numeric string is expected)", or when it is below `least`.
Result<std::size_t> number_query(const Request& request, std::string_view name, std::size_t fallback,
                                 std::size_t least);

struct PageQuery {
  std::size_t page = 1;
  std::size_t limit = 10;

  ListWindow window() const;
};
/// ?page= and ?limit=. Errors: invalid_argument.
Result<PageQuery> page_query(const Request& request);

/// The members total, page, limit and totalPages (null when limit is 0).
void write_page_fields(JsonWriter& json, const PageQuery& page, std::int64_t total);

/// The newest rows of a list that has no pages, with the count of all.
ListWindow capped_window();
/// For the count alone.
ListWindow count_window();

}  // namespace edda::http::old
