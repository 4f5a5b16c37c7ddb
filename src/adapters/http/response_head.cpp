#include "http/response_head.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <array>
#include <chrono>

#include "http/problem.hpp"

namespace edda::http {

namespace {

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back((byte < 0x20 && byte != '\t') || byte == 0x7F ? ' ' : c);
  }
  out.append("\r\n");
}

}  // namespace

bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

std::string http_date(Timestamp at) {
  constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(at - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                     time.seconds().count());
}

void append_response_head(std::string& out, const Response& response, const ResponseFraming& framing) {
  fmt::format_to(std::back_inserter(out), FMT_COMPILE("HTTP/1.1 {} {}\r\n"), response.status,
                 reason_phrase(response.status));
  out.append("Date: ").append(framing.date).append("\r\n");
  if (!response.content_type.empty()) append_header(out, "Content-Type", response.content_type);
  if (framing.chunked) {
    out.append("Transfer-Encoding: chunked\r\n");
  } else if (!framing.unframed && may_have_body(response.status)) {
    fmt::format_to(std::back_inserter(out), FMT_COMPILE("Content-Length: {}\r\n"), response.body.size());
  }
  for (const Header& header : response.headers) append_header(out, header.name, header.value);
  out.append("X-Content-Type-Options: nosniff\r\n");
  append_header(out, "X-Request-Id", framing.request_id);
  if (framing.close || framing.unframed) {
    out.append("Connection: close\r\n");
  } else if (framing.http_1_0) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
}

}  // namespace edda::http
