#pragma once

#include <string_view>

#include "http/message.hpp"

namespace edda::http {

/// The trace that the client says its request is part of: 32 hexadecimal digits; "" where it says none, or nothing that can be understood.
/// Source: https://www.w3.org/TR/trace-context/#traceparent-header
std::string_view trace_id_of(const Request& request);

}  // namespace edda::http
