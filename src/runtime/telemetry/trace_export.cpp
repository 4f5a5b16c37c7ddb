#include "telemetry/trace_export.hpp"

#include <pthread.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/http_client.hpp"
#include "otlp/exporter.hpp"

namespace edda::telemetry {
namespace {

namespace asio = boost::asio;
using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr std::chrono::seconds last_wait{2};

/// "name=value,name=value". Errors: invalid_argument, which does not repeat what is secret.
Result<Headers> parse_headers(std::string_view text) {
  Headers headers;
  while (!text.empty()) {
    const auto pair = text.substr(0, text.find(','));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    const auto equals = pair.find('=');
    if (equals == 0 || equals == std::string_view::npos) return fail(Errc::invalid_argument, "is no list of name=value,name=value", "tracing.headers");
    headers.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return headers;
}

otlp::ExporterSettings exporter_settings(const TraceSettings& from) {
  otlp::ExporterSettings settings;
  settings.resource = {from.service, EDDA_VERSION, from.node};
  settings.queue_max = from.queue_max;
  settings.batch_max = std::min(from.batch_max, from.queue_max);
  settings.delay = from.delay;
  settings.timeout = from.timeout;
  return settings;
}

}  // namespace

std::string traces_url(const std::string& endpoint, const std::string& traces_endpoint) {
  if (!traces_endpoint.empty() || endpoint.empty()) return traces_endpoint;
  return endpoint + (endpoint.ends_with('/') ? "v1/traces" : "/v1/traces");
}

struct TraceExport::Parts {
  Parts(const TraceSettings& settings, gateway::Endpoint endpoint, Headers the_headers, Clock& clock, Random& random, Log& log)
      : headers(std::move(the_headers)),
        client(io.get_executor(), clock, {.endpoint = std::move(endpoint), .connections_max = 1}),
        exporter(io.get_executor(), clock, log, exporter_settings(settings),
                 [this](std::string body, Deadline deadline) { return post(std::move(body), deadline); }),
        tracer(exporter, settings.sampler, clock, random) {}

  Task<std::expected<int, std::string>> post(std::string body, Deadline deadline) {
    auto reply = co_await client.send({.method = "POST", .target = {}, .headers = headers, .body = std::move(body)}, deadline);
    if (!reply) co_return std::unexpected(std::move(reply.error().reason));
    co_return reply->status;
  }

  asio::io_context io{1};
  const Headers headers;
  gateway::HttpClient client;
  otlp::Exporter exporter;
  tracing::Tracer tracer;
  std::promise<void> ended;
  std::thread thread;
};

Result<std::unique_ptr<TraceExport>> TraceExport::open(TraceSettings settings, Clock& clock, Random& random, Log& log) {
  auto endpoint = gateway::parse_endpoint(settings.url);
  if (!endpoint) return fail(Errc::invalid_argument, endpoint.error().message, "tracing.endpoint");
  TRY(auto headers, parse_headers(settings.headers));
  return std::unique_ptr<TraceExport>(
      new TraceExport(std::make_unique<Parts>(settings, *std::move(endpoint), std::move(headers), clock, random, log)));
}

TraceExport::TraceExport(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {
  asio::co_spawn(parts_->io, parts_->exporter.run(), [&ended = parts_->ended](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
    ended.set_value();
  });
  parts_->thread = std::thread([&io = parts_->io] { io.run(); });
  pthread_setname_np(parts_->thread.native_handle(), "traces");
}

TraceExport::~TraceExport() {
  asio::post(parts_->io, [&exporter = parts_->exporter] { exporter.stop(); });
  // A collector that hangs holds nobody up.
  if (parts_->ended.get_future().wait_for(last_wait) != std::future_status::ready) parts_->io.stop();
  parts_->thread.join();
}

tracing::Tracer& TraceExport::tracer() { return parts_->tracer; }

TraceStats TraceExport::stats() const {
  const auto counted = parts_->exporter.stats();
  return {counted.exported, counted.dropped, counted.failed_batches};
}

}  // namespace edda::telemetry
