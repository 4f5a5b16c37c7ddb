#include "postgres/addresses.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>

#include "postgres/connection.hpp"

namespace edda::postgres {
namespace {

struct Free {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

/// The part's value, or "".
std::string part(const PQconninfoOption* options, std::string_view keyword) {
  for (; options->keyword != nullptr; ++options) {
    if (keyword == options->keyword && options->val != nullptr) return options->val;
  }
  return {};
}

bool is_name(const std::string& host) {
  boost::system::error_code bad;
  boost::asio::ip::make_address(host, bad);
  return bad.failed() && !host.empty() && host.front() != '/' && host.front() != '@' &&
         host.find(',') == std::string::npos;
}

}  // namespace

std::string quoted(std::string_view key, std::string_view value) {
  std::string text = fmt::format("{}='", key);
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}

std::string conninfo(std::string_view host, std::uint16_t port, std::string_view database, std::string_view user,
                     std::string_view password) {
  std::string text = fmt::format("{} port={} {}", quoted("host", host), port, quoted("dbname", database));
  if (!user.empty()) text += ' ' + quoted("user", user);
  if (!password.empty()) text += ' ' + quoted("password", password);
  return text;
}

Task<Result<std::string>> with_addresses(std::string address) {
  using boost::asio::ip::tcp;
  const std::unique_ptr<PQconninfoOption, Free> options(PQconninfoParse(address.c_str(), nullptr));
  if (!options)
    co_return fail(Errc::invalid_argument, "The database's address cannot be understood.", {}, "database_address");
  const std::string host = part(options.get(), "host");
  if (!is_name(host) || !part(options.get(), "hostaddr").empty()) co_return address;
  tcp::resolver resolver(co_await boost::asio::this_coro::executor);
  boost::system::error_code bad;
  const auto found =
      co_await resolver.async_resolve(host, "", boost::asio::redirect_error(boost::asio::use_awaitable, bad));
  if (bad || found.empty()) co_return address;
  std::string hosts;
  std::string numbers;
  for (const auto& entry : found) {
    const std::string comma = hosts.empty() ? "" : ",";
    hosts += comma + host;
    numbers += comma + entry.endpoint().address().to_string();
  }
  std::string parts = quoted("host", hosts) + ' ' + quoted("hostaddr", numbers);
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr && std::string_view(option->keyword) != "host")
      parts += ' ' + quoted(option->keyword, option->val);
  }
  co_return parts;
}

}  // namespace edda::postgres
