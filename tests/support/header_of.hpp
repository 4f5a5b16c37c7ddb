#pragma once

#include <string>
#include <string_view>

#include "http/message.hpp"

namespace edda::testing_support {

/// The value of the first header of that name; "" without one.
inline std::string header_of(const http::Response& response, std::string_view name) {
  for (const http::Header& header : response.headers) {
    if (header.name == name) return header.value;
  }
  return "";
}

}  // namespace edda::testing_support
