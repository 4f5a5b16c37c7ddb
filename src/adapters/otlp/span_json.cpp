#include "otlp/span_json.hpp"

#include "base/json_writer.hpp"

namespace edda::otlp {
namespace {

constexpr int status_error = 2;

void write_attribute(JsonWriter& json, std::string_view name, const std::variant<std::string, std::int64_t>& value) {
  json.begin_object().field("key", name).key("value").begin_object();
  if (const auto* text = std::get_if<std::string>(&value)) json.field("stringValue", *text);
  else json.field("intValue", std::to_string(std::get<std::int64_t>(value)));
  json.end_object().end_object();
}

std::string nanoseconds(Timestamp at) { return std::to_string(to_micros(at)) + "000"; }

void write(JsonWriter& json, const Span& span) {
  json.begin_object().field("traceId", trace_id_text(span.context)).field("spanId", span_id_text(span.context.span));
  if (span.parent != TraceContext::SpanId{}) json.field("parentSpanId", span_id_text(span.parent));
  json.field("name", span.name)
      .field("kind", static_cast<int>(span.kind))
      .field("startTimeUnixNano", nanoseconds(span.start))
      .field("endTimeUnixNano", nanoseconds(span.end))
      .key("attributes")
      .begin_array();
  for (const auto& attribute : span.attributes) write_attribute(json, attribute.name, attribute.value);
  json.end_array().key("status").begin_object();
  if (!span.failure.empty()) json.field("code", status_error).field("message", span.failure);
  json.end_object().end_object();
}

}  // namespace

std::string to_json(std::span<const Span> spans, const Resource& resource) {
  JsonWriter json;
  json.begin_object().key("resourceSpans").begin_array().begin_object();
  json.key("resource").begin_object().key("attributes").begin_array();
  write_attribute(json, "service.name", resource.service);
  write_attribute(json, "service.version", resource.version);
  write_attribute(json, "service.instance.id", resource.node);
  json.end_array().end_object().key("scopeSpans").begin_array().begin_object();
  json.key("scope").begin_object().field("name", "edda").field("version", resource.version).end_object();
  json.key("spans").begin_array();
  for (const Span& span : spans) write(json, span);
  json.end_array().end_object().end_array().end_object().end_array().end_object();
  return json.take();
}

}  // namespace edda::otlp
