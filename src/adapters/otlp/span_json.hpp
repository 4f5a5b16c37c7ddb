#pragma once

#include <span>
#include <string>

#include "ports/span_sink.hpp"

namespace edda::otlp {

/// Who makes the spans.
struct Resource {
  std::string service = "edda";  ///< service.name
  std::string version;
  std::string node;              ///< service.instance.id
};

/// The body of one request to /v1/traces. Texts that are no UTF-8 must not be in it.
/// Source: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding (ids are hexadecimal, 64-bit numbers are texts).
std::string to_json(std::span<const Span> spans, const Resource& resource);

}  // namespace edda::otlp
