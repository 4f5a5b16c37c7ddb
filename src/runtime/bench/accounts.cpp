#include "bench/accounts.hpp"

#include <arpa/inet.h>

#include <boost/json.hpp>
#include <random>

#include "cli/api.hpp"
#include "config/server_file.hpp"

namespace edda::bench {

Result<Target> Target::parse(const std::string& url, bool allow_remote) {
  TRY(const auto endpoint, cli::parse_endpoint(url));
  Target target{url, {}};
  TRY(target.address, resolve(endpoint.host, endpoint.port));
  const bool here = (ntohl(target.address.sin_addr.s_addr) >> 24) == IN_LOOPBACKNET;
  if (!here && !allow_remote) {
    return fail(Errc::forbidden, url + " is not this machine; if loading it is really meant, add --allow-remote", "--url");
  }
  return target;
}

Result<std::vector<std::string>> register_accounts(const Target& target, std::size_t count) {
  TRY(auto endpoint, cli::parse_endpoint(target.url));
  const cli::Api api(cli::HttpClient(std::move(endpoint)), config::Secret());
  std::random_device random;
  std::vector<std::string> tokens;
  for (std::size_t i = 0; i < count; ++i) {
    const auto name = fmt::format("bench-{:08x}{:08x}", random(), random());
    const auto password = fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
    TRY(const auto answer, api.post("/auth/register", {{"email", name + "@example.com"},
                                                       {"password", password},
                                                       {"firstName", "Bench"},
                                                       {"lastName", "Account"}}));
    const auto* token = answer.is_object() ? answer.get_object().if_contains("accessToken") : nullptr;
    if (token == nullptr || !token->is_string()) return fail(Errc::internal, "the server's answer to a registration has no accessToken");
    tokens.emplace_back(token->get_string());
  }
  return tokens;
}

Result<void> register_product(const std::filesystem::path& data, const std::string& product) {
  constexpr std::int64_t plenty = 1'000'000'000'000;
  TRY(auto server, config::read_server_file(data));
  TRY(auto endpoint, cli::parse_endpoint(server.url));
  const cli::Api api(cli::HttpClient(std::move(endpoint)), std::move(server.token));
  TRY_VOID(api.post("/v1/products", {{"id", product}, {"name", "A book that everybody wants"}, {"on_hand", plenty}}));
  return {};
}

}  // namespace edda::bench
