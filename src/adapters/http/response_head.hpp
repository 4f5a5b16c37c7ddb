#pragma once

#include <string>
#include <string_view>

#include "base/timestamp.hpp"
#include "http/message.hpp"

namespace edda::http {

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7).
std::string http_date(Timestamp at);

/// How the connection's side of an answer is told.
struct ResponseFraming {
  std::string_view date;  ///< of http_date
  std::string_view request_id;
  bool close = false;  ///< the connection ends after this answer
  bool http_1_0 = false;
  bool chunked = false;   ///< a stream to an HTTP/1.1 client
  bool unframed = false;  ///< a stream to an HTTP/1.0 client: ends with the connection
};

/// Appends status line and headers to `out`, up to the blank line. Line breaks and controls in header values become
/// blanks, so no value can forge a header.
void append_response_head(std::string& out, const Response& response, const ResponseFraming& framing);

/// False for 1xx, 204 and 304, which have no body whatever the handler says.
bool may_have_body(int status);

}  // namespace edda::http
