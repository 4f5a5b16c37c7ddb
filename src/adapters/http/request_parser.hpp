#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string_view>

#include "http/head_check.hpp"
#include "http/message.hpp"

namespace edda::http {

/// Fills a Request from raw bytes whose head check_head() has accepted. Beast does the parsing; this class keeps it out
/// of headers.
class RequestParser {
 public:
  RequestParser();
  ~RequestParser();

  /// Starts on a new request. `request` must be empty and outlive the parsing.
  void begin(Request& request, std::uint64_t body_bytes_max);
  /// Takes the beginning of `bytes`, returns how many; call again with the rest and more until done().
  std::expected<std::size_t, HeadRefusal> put(std::string_view bytes);
  bool done() const;

 private:
  class Beast;
  std::unique_ptr<Beast> beast_;
};

}  // namespace edda::http
