#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

namespace edda::http {

/// The strict reading of a request head, run over the raw bytes before Beast parses them.
///
/// Two parsers that frame the same bytes differently let one client's bytes become another's request ("smuggling").
/// Beast accepts several such shapes (an unknown Transfer-Encoding, repeated Content-Length, chunked in HTTP/1.0,
/// folded headers); every proxy has its own list. So whatever is not the plain, single reading is refused here, and the
/// connection closed. Source: RFC 9112 sections 2.2, 3.2, 5, 6; RFC 9110 section 5.5.

struct HeadLimits {
  std::size_t bytes_max = 16 * 1024;
  std::size_t headers_max = 100;
  std::size_t target_bytes_max = 8 * 1024;
};

/// What framing needs to know of a head. The views point into the checked bytes.
struct Head {
  std::size_t bytes = 0;  ///< up to and including the blank line
  std::string_view method;
  std::string_view
      target;  ///< origin form ("/x?y"): of an absolute URI the part behind the authority, "/" for "*" and CONNECT
  std::optional<std::uint64_t> content_length;
  bool http_1_0 = false;
  bool chunked = false;
  bool keep_alive = true;
  bool expects_continue = false;
};

/// Why a head is refused; the connection must be closed after the answer, as where the request ends is not known.
struct HeadRefusal {
  int status = 400;
  std::string_view detail;  ///< a sentence, with static lifetime
};

/// Checks the head at the beginning of `bytes`; nullopt while it is not complete (and nothing is wrong so far).
/// Pure; linear in the size of the head.
std::expected<std::optional<Head>, HeadRefusal> check_head(std::string_view bytes, const HeadLimits& limits);

}  // namespace edda::http
