#include <boost/url/parse.hpp>

#include "gateway/http_client.hpp"

namespace edda::gateway {

Result<Endpoint> parse_endpoint(std::string_view url) {
  const auto parsed = boost::urls::parse_uri({url.data(), url.size()});
  const auto wrong = [] {
    return fail(Errc::invalid_argument, "is no address of a server; write it as http://HOST:PORT or https://HOST");
  };
  if (!parsed || parsed->host().empty() || parsed->has_userinfo() || parsed->has_query() || parsed->has_fragment()) return wrong();
  if (parsed->scheme() != "http" && parsed->scheme() != "https") return wrong();
  Endpoint endpoint;
  endpoint.tls = parsed->scheme() == "https";
  endpoint.host = parsed->host_address();
  endpoint.port = parsed->has_port() && !parsed->port().empty() ? std::string(parsed->port()) : (endpoint.tls ? "443" : "80");
  endpoint.path = std::string(parsed->encoded_path().data(), parsed->encoded_path().size());
  while (endpoint.path.ends_with('/')) endpoint.path.pop_back();
  return endpoint;
}

}  // namespace edda::gateway
