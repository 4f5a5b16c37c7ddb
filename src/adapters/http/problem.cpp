#include "http/problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace edda::http {

namespace {

namespace bj = boost::json;

struct Status {
  int number;
  std::string_view phrase;
  std::string_view code;
  std::string_view next;
};

constexpr auto statuses = std::to_array<Status>({
    {200, "OK", "", ""},
    {201, "Created", "", ""},
    {202, "Accepted", "", ""},
    {204, "No Content", "", ""},
    {301, "Moved Permanently", "", ""},
    {302, "Found", "", ""},
    {303, "See Other", "", ""},
    {304, "Not Modified", "", ""},
    {307, "Temporary Redirect", "", ""},
    {308, "Permanent Redirect", "", ""},
    {400, "Bad Request", "invalid_request", "Correct the request; repeating it unchanged will not help."},
    {401, "Unauthorized", "unauthenticated", "Sign in and send the access token as 'Authorization: Bearer TOKEN'."},
    {403, "Forbidden", "forbidden", "Use an account that may do this."},
    {404, "Not Found", "not_found", "Check the address and the id."},
    {405, "Method Not Allowed", "method_not_allowed", "Use one of the methods that Allow names."},
    {406, "Not Acceptable", "not_acceptable", "Accept application/json, or leave the header out."},
    {408, "Request Timeout", "request_timeout", "Send the whole request faster."},
    {409, "Conflict", "conflict", "Read the present state and decide again."},
    {412, "Precondition Failed", "version_conflict", "Read the present version (ETag) and decide again."},
    {413, "Payload Too Large", "body_too_large", "Send a smaller body."},
    {414, "URI Too Long", "uri_too_long", "Send a shorter address."},
    {415, "Unsupported Media Type", "unsupported_media_type", "Send the body as application/json."},
    {417, "Expectation Failed", "expectation_failed", "Leave the Expect header out."},
    {422, "Unprocessable Entity", "unprocessable", "Correct the request; repeating it unchanged will not help."},
    {428, "Precondition Required", "precondition_required", "Send the version you decided on as If-Match."},
    {429, "Too Many Requests", "throttled", "Wait as Retry-After says, then repeat the request."},
    {431, "Request Header Fields Too Large", "headers_too_large", "Send fewer or shorter headers."},
    {500, "Internal Server Error", "internal", "Report the request id to the operator."},
    {501, "Not Implemented", "not_implemented", "Use another form of this request."},
    {503, "Service Unavailable", "unavailable", "Wait as Retry-After says, then repeat the request."},
    {505, "HTTP Version Not Supported", "http_version", "Use HTTP/1.1."},
});

constexpr Status unknown_status{0, "Error", "error", ""};

const Status& find_status(int number) {
  const auto* found = std::ranges::find(statuses, number, &Status::number);
  return found == statuses.end() ? unknown_status : *found;
}

std::string_view or_default(const std::string& text, std::string_view fallback) {
  return text.empty() ? fallback : text;
}

// The replaced system's exceptions made without a text carry no `error`; nor do its answers that come from below its
// routes.
bool has_error_field(int status, std::string_view message) {
  return status != 413 && status != 500 && message != reason_phrase(status);
}

std::string old_body(const Problem& problem) {
  if (problem.old_body) return *problem.old_body;
  bj::object body;
  if (problem.errors.empty()) {
    body["message"] = problem.detail;
  } else {
    bj::array messages;
    for (const FieldError& error : problem.errors) messages.emplace_back(error.detail);
    body["message"] = std::move(messages);
  }
  if (!problem.errors.empty() || has_error_field(problem.status, problem.detail)) {
    body["error"] = reason_phrase(problem.status);
  }
  body["statusCode"] = problem.status;
  return bj::serialize(body);
}

std::string rfc9457_body(const Request& request, const Problem& problem) {
  const Status& status = find_status(problem.status);
  bj::object body;
  body["type"] = "about:blank";
  body["title"] = status.phrase;
  body["status"] = problem.status;
  body["code"] = or_default(problem.code, status.code);
  body["detail"] = problem.detail;
  if (!problem.errors.empty()) {
    bj::array errors;
    for (const FieldError& error : problem.errors) {
      errors.push_back(bj::object{{"pointer", error.pointer}, {"detail", error.detail}});
    }
    body["errors"] = std::move(errors);
  }
  body["next"] = or_default(problem.next, status.next);
  body["request_id"] = request.request_id;
  return bj::serialize(body);
}

bool is_hidden(Errc code) { return code == Errc::corrupt || code == Errc::internal; }

}  // namespace

std::string_view reason_phrase(int status) { return find_status(status).phrase; }

bool wants_problem_json(const Request& request) {
  if (request.face == Face::v1) return true;
  const auto accept = request.header("Accept");
  return accept && accept->find("application/problem+json") != std::string_view::npos;
}

Response render(const Request& request, const Problem& problem) {
  const bool rfc9457 = wants_problem_json(request);
  Response response = json_text(problem.status, rfc9457 ? rfc9457_body(request, problem) : old_body(problem));
  if (rfc9457) response.content_type = "application/problem+json";
  const bool may_retry = problem.status == 429 || problem.status == 503;
  if (may_retry || problem.retry_after) {
    response.set("Retry-After", fmt::format("{}", problem.retry_after.value_or(std::chrono::seconds(1)).count()));
  }
  if (problem.status == 401) response.set("WWW-Authenticate", "Bearer");
  return response;
}

int status_of(const Error& error, int conflict_status) {
  switch (error.code) {
    case Errc::invalid_argument:
      return 400;
    case Errc::unauthenticated:
      return 401;
    case Errc::forbidden:
      return 403;
    case Errc::not_found:
      return 404;
    case Errc::rejected:
    case Errc::already_exists:
      return 409;
    case Errc::version_conflict:
      return conflict_status;
    case Errc::overloaded:
      return error.reason == "throttled" ? 429 : 503;
    case Errc::unavailable:
    case Errc::outcome_unknown:
    case Errc::cancelled:
      return 503;
    case Errc::corrupt:
    case Errc::internal:
      return 500;
  }
  return 500;
}

Response render(const Request& request, const Error& error, int conflict_status) {
  Problem problem{.status = status_of(error, conflict_status), .detail = error.message, .code = error.reason};
  if (is_hidden(error.code)) {
    problem.detail = "Internal server error";  // the replaced system's text
    problem.code.clear();
  } else if (!error.where.empty() && wants_problem_json(request)) {
    problem.errors.push_back({.pointer = error.where, .detail = error.message});
  }
  if (error.code == Errc::outcome_unknown) {
    problem.next = "The request may have been carried out: repeat it under the same key, or read the state first.";
  }
  if (error.retry_after.count() > 0) problem.retry_after = error.retry_after;
  return render(request, problem);
}

}  // namespace edda::http
