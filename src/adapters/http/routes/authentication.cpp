#include "http/routes/authentication.hpp"

#include "accounts/account_service.hpp"
#include "http/routes/api.hpp"

namespace edda::http {
namespace {

Task<Result<Principal>> authenticate(Api& api, Request& request) {
  const auto token = bearer_token(request);
  if (!token) co_return fail(Errc::unauthenticated, "Unauthorized");
  co_return co_await api.accounts.authenticate(std::string(*token), api.deadline());
}

}  // namespace

std::optional<std::string_view> bearer_token(const Request& request) {
  constexpr std::string_view scheme = "Bearer ";
  const auto header = request.header("Authorization");
  if (!header || header->size() <= scheme.size()) return std::nullopt;
  if (!equal_ignoring_case(header->substr(0, scheme.size()), scheme)) return std::nullopt;
  const std::string_view token = header->substr(scheme.size());
  const std::size_t begin = token.find_first_not_of(' ');
  return begin == std::string_view::npos ? std::nullopt : std::optional(token.substr(begin));
}

void add_authentication(Router& router, Api& api) {
  router.set_authenticator([&api](Request& request) { return authenticate(api, request); });
}

}  // namespace edda::http
