#pragma once

#include <string_view>

namespace edda::http {

/// True if a client with this Accept header takes `media_type` ("application/json"). Lenient: parameters but q=0 are
/// ignored, and an empty or unreadable header accepts all. A client that takes application/problem+json takes
/// application/json.
bool accepts(std::string_view accept, std::string_view media_type);

/// How much such a client wants `media_type`, from 0 (not at all) to 1: as the range says that names it most closely.
/// Source: RFC 9110, section 12.5.1.
double quality(std::string_view accept, std::string_view media_type);

/// The media type of a Content-Type header, without its parameters.
std::string_view media_type_of(std::string_view content_type);

}  // namespace edda::http
