#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/message.hpp"

namespace edda::http {

/// One wrong place in a request.
struct FieldError {
  std::string pointer;  ///< JSON pointer into the body ("/items/0/quantity"), or a parameter's name
  std::string detail;   ///< on old routes the whole text ("items.0.quantity must not be less than 1")
};

/// An error to be rendered in either style. Only `status` and `detail` are needed.
struct Problem {
  int status = 500;
  std::string detail;     ///< what was wrong, a sentence; on old routes the `message`
  std::string code = {};  ///< stable, snake_case; default: from the status ("not_found")
  std::string next = {};  ///< what to do next; default: from the status
  std::vector<FieldError> errors =
      {};  ///< where; on old routes, when not empty, `message` is the array of their details
  std::optional<std::chrono::seconds> retry_after = {};  ///< default: 1 s for 429 and 503
  std::optional<std::string> old_body = {};  ///< a whole JSON body for old routes whose answer has another shape
};

/// Renders in the style the request asks for: RFC 9457 under /v1 and where Accept names application/problem+json, else
/// {message, error, statusCode}; `error` is absent where the replaced system has none (413, 500, and a message equal to
/// it).
Response render(const Request& request, const Problem& problem);

/// Statuses by code: invalid_argument 400, unauthenticated 401, forbidden 403, not_found 404, rejected and
/// already_exists 409, version_conflict `conflict_status` (412 where the client sent If-Match, else 409), overloaded
/// 429 when `reason` is "throttled" else 503, unavailable, outcome_unknown and cancelled 503; 429 and 503 carry
/// Retry-After (`error.retry_after`, else 1 s). corrupt and internal are 500 and their message is never shown.
/// `error.where` becomes errors[0].pointer, `error.reason` the code.
Response render(const Request& request, const Error& error, int conflict_status = 409);

/// The status that `render` gives an error.
int status_of(const Error& error, int conflict_status = 409);

/// True where the request gets RFC 9457 instead of {message, error, statusCode}.
bool wants_problem_json(const Request& request);

/// "Not Found" for 404; "Error" for a status it does not know.
std::string_view reason_phrase(int status);

}  // namespace edda::http
