#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/timestamp.hpp"
#include "http/message.hpp"
#include "http/problem.hpp"
#include "http/router.hpp"
#include "http/routes/operations.hpp"
#include "orders/order_service.hpp"
#include "queries/cursor.hpp"
#include "queries/visibility.hpp"

/// What the /v1 routes share.
namespace edda::http::v1 {

struct Context {
  Api& api;
  Operations& operations;
};

/// An error becomes a problem: 422 for a key used for another request, 412 for a version that moved on, else as `render` has it.
using Handler = Task<Result<Response>> (*)(Context, Request&);
void add(Router& router, Context context, Method method, std::string path, std::string name, Access access,
         Handler handler, std::string produces = "application/json");

queries::Visibility visibility_of(const Request& request);

/// The same words whether a thing is absent or another's.
std::unexpected<Error> not_found(std::string_view kind);
std::unexpected<Error> invalid_parameter(std::string name, std::string detail);

// Path and query parameters. Errors: invalid_argument, `where` names the parameter.

Result<Uuid> uuid_param(const Request& request, std::string_view name);
/// Nothing when absent; text of 1 to `characters_max` characters without control characters.
Result<std::optional<std::string>> text_query(const Request& request, std::string_view name, std::size_t characters_max);
Result<std::optional<Uuid>> uuid_query(const Request& request, std::string_view name);
Result<std::optional<Timestamp>> time_query(const Request& request, std::string_view name);
/// Capped at `most`, not refused.
Result<std::size_t> limit_query(const Request& request, std::size_t fallback, std::size_t most);
/// Of a list of rows: 20, at most 100.
Result<ListWindow> window_query(const Request& request, const queries::CursorScope& scope);

/// "5m": a number of at most six digits with s, m, h or d.
std::optional<std::chrono::seconds> parse_age(std::string_view text);

template <class Enum>
Result<std::optional<Enum>> enum_query(const Request& request, std::string_view name,
                                       std::optional<Enum> (*parse)(std::string_view)) {
  const auto text = request.query(name);
  if (!text) return std::optional<Enum>{};
  const auto value = parse(*text);
  if (!value) return invalid_parameter(std::string(name), "is none of the values this may have");
  return value;
}

queries::CursorScope scope_of(const Context& context, char kind, Uuid thing = {});

/// The client's idempotency record from Idempotency-Key, for the route that `route` names and this very request.
/// Errors: invalid_argument for a key that is empty, over 255 characters or not visible ASCII.
Result<std::optional<orders::ClientKey>> client_key(const Request& request, std::string_view route);

}  // namespace edda::http::v1
