#include "config/setting_groups.hpp"

// Traces, under the names that OpenTelemetry gives its settings.
namespace edda::config {
namespace {

bool is_sampler(std::string_view text) {
  constexpr std::string_view parent_based = "parentbased_";
  if (text.starts_with(parent_based)) text.remove_prefix(parent_based.size());
  return text == "always_on" || text == "always_off" || text == "traceidratio";
}

}  // namespace

std::vector<Setting> tracing_settings() {
  return {
      {.key = "tracing.endpoint", .place = EDDA_AT(tracing.endpoint), .fallback = "",
       .about = "Collector of traces that speaks OTLP over HTTP with JSON; /v1/traces is put behind it. Unset: no spans are made.",
       .allowed = "http://HOST:PORT or https://HOST, with a path or without", .fits = is_url_or_unset,
       .aliases = {"OTEL_EXPORTER_OTLP_ENDPOINT"}},
      {.key = "tracing.traces_endpoint", .place = EDDA_AT(tracing.traces_endpoint), .fallback = "",
       .about = "The same as a whole address, which is taken as it is and goes before tracing.endpoint.",
       .allowed = "http://HOST:PORT or https://HOST, with a path or without", .fits = is_url_or_unset,
       .aliases = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"}},
      {.key = "tracing.headers", .place = EDDA_AT(tracing.headers), .fallback = "",
       .about = "Sent to the collector with each batch: name=value,name=value.",
       .aliases = {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_HEADERS"}},
      {.key = "tracing.sampler", .place = EDDA_AT(tracing.sampler), .fallback = "parentbased_always_on",
       .about = "Which traces are kept; behind parentbased_ a request with a traceparent is kept if its sender keeps it.",
       .allowed = "always_on, always_off or traceidratio, each behind parentbased_ or not", .fits = is_sampler,
       .aliases = {"OTEL_TRACES_SAMPLER"}},
      {.key = "tracing.sampler_arg", .place = EDDA_AT(tracing.sampler_arg), .fallback = "1",
       .about = "The share of new traces that traceidratio keeps.", .least = 0, .most = 1, .aliases = {"OTEL_TRACES_SAMPLER_ARG"}},
      {.key = "tracing.service_name", .place = EDDA_AT(tracing.service_name), .fallback = "edda",
       .about = "Under what name spans are sent.", .allowed = "a name", .fits = is_text, .aliases = {"OTEL_SERVICE_NAME"}},
      {.key = "tracing.queue_max", .place = EDDA_AT(tracing.queue_max), .fallback = "8192",
       .about = "Spans that may wait to be sent; further ones are dropped and counted.", .least = 1, .most = 1'000'000,
       .aliases = {"OTEL_BSP_MAX_QUEUE_SIZE"}},
      {.key = "tracing.batch_max", .place = EDDA_AT(tracing.batch_max), .fallback = "512",
       .about = "Spans in one request to the collector.", .least = 1, .most = 10'000,
       .aliases = {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE"}},
      {.key = "tracing.delay_ms", .place = EDDA_AT(tracing.delay), .fallback = "1000",
       .about = "How long a span waits for others at most.", .least = 10, .most = minute_ms, .aliases = {"OTEL_BSP_SCHEDULE_DELAY"}},
      {.key = "tracing.timeout_ms", .place = EDDA_AT(tracing.timeout), .fallback = "10000",
       .about = "Time for the collector to answer one request.", .least = 10, .most = minute_ms,
       .aliases = {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"}},
  };
}

}  // namespace edda::config
