#pragma once

#include <span>
#include <string_view>

namespace edda::http {

/// A file of the API's documentation that the binary carries.
/// Lifetime: every view is of constant data and lives as long as the program.
struct Asset {
  std::string_view name;          ///< its operationId in the document
  std::string_view path;          ///< the whole path of its URL: "/api/docs", "/api/docs/swagger-ui.css", "/openapi.json"
  std::string_view content_type;  ///< the value of Content-Type
  std::string_view gzip_bytes;    ///< what to send with Content-Encoding: gzip
  std::string_view identity;      ///< the file itself, for clients that refuse gzip; empty for large files
  std::string_view etag;          ///< strong, quotes included
};

/// Swagger UI (/api/docs and the files below it) and the OpenAPI document (/openapi.json, /api/docs-json), seven rows.
/// The page needs no inline script; it is meant for assets_content_security_policy.
/// Thread-safety: callable from anywhere.
std::span<const Asset> assets();

/// The OpenAPI 3.1 document of this server, uncompressed.
std::string_view openapi_json();

/// For every answer below /api/docs. Swagger UI sets style attributes and draws its icons from data URLs.
inline constexpr std::string_view assets_content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

}  // namespace edda::http
