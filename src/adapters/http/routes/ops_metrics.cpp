#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include "http/client_address.hpp"
#include "http/negotiation.hpp"
#include "http/problem.hpp"
#include "http/routes/ops_routes.hpp"

namespace edda::http {
namespace {

constexpr std::string_view openmetrics_type = "application/openmetrics-text";
constexpr std::string_view older_type = "text/plain";

/// Loopback, link-local and private networks: where whoever scrapes a node lives.
/// Source: RFC 1918, RFC 3927, RFC 4193, RFC 4291.
bool is_near(const std::string& address) {
  static const std::vector<std::string> blocks{"127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
                                               "169.254.0.0/16", "::1", "fc00::/7", "fe80::/10"};
  static const auto networks = TrustedProxies::parse(blocks);
  boost::system::error_code broken;
  const auto parsed = boost::asio::ip::make_address(address, broken);
  return networks && !broken && networks->contains(parsed);
}

Task<Response> show(metrics::Registry& metrics, Request& request) {
  if (!is_near(request.client_address)) {
    co_return render(request, Problem{.status = 403, .detail = "Metrics are for the node's own network."});
  }
  const auto accept = request.header("Accept").value_or("");
  const bool older = quality(accept, older_type) > quality(accept, openmetrics_type);
  Response response;
  response.set("Vary", "Accept");
  response.content_type = older ? metrics::prometheus_content_type : metrics::openmetrics_content_type;
  response.body = metrics.write(older ? metrics::TextFormat::prometheus : metrics::TextFormat::openmetrics);
  co_return response;
}

}  // namespace

void ops::add_metrics_routes(Router& router, metrics::Registry& metrics) {
  Route route;
  route.path = "/metrics";
  route.name = "metrics";
  route.handler = [&metrics](Request& request) { return show(metrics, request); };
  route.produces = openmetrics_type;
  route.produces_too = older_type;
  route.is_probe = true;
  router.add(std::move(route));
}

void observe_requests(Router& router, metrics::Registry& metrics, Log& log) {
  auto& requests = metrics.counters("edda_http_requests", "Requests by route, method and status",
                                    {"route", "method", "status"});
  auto& seconds = metrics.histograms("edda_http_request_duration_seconds",
                                     "From the request's end to the answer's beginning", {"route", "method"},
                                     metrics::request_seconds);
  router.set_observer([&requests, &seconds, &log](const Observation& seen) {
    // One series for all paths that are none: what clients make up must not become labels.
    const auto route = seen.route.empty() ? std::string_view("none") : seen.route;
    fmt::format_int status(seen.status);
    requests.with({route, to_string(seen.method), {status.data(), status.size()}}).add();
    seconds.with({route, to_string(seen.method)})
        .observe(std::chrono::duration<double>(seen.duration).count(), {{"trace_id", trace_id_text(seen.trace)}, {"request_id", seen.request_id}});
    if (log.writes(LogLevel::debug))
      log.write(LogLevel::debug, "a request was answered",
                {{"method", std::string(to_string(seen.method))}, {"route", std::string(route)}, {"status", status.c_str()},
                 {"milliseconds", fmt::format("{:.3f}", std::chrono::duration<double, std::milli>(seen.duration).count())},
                 {"request", std::string(seen.request_id)}, {"trace_id", trace_id_text(seen.trace)}});
    if (!seen.failure.empty())
      log.write(LogLevel::error, "a request failed by a fault of ours",
                {{"route", std::string(route)}, {"request", std::string(seen.request_id)}, {"trace_id", trace_id_text(seen.trace)}, {"failure", std::string(seen.failure)}});
  });
}

}  // namespace edda::http
