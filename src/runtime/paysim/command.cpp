#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>

#include "paysim/paysim.hpp"

namespace edda::paysim {
namespace {

namespace asio = boost::asio;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

int report(const Error& error) {
  fmt::print(stderr, "edda paysim: {}{}\n", error.where.empty() ? "" : error.where + " ", error.message);
  return error.code == Errc::invalid_argument ? 2 : 1;
}

void say_where_everything_is(const Options& options, std::uint16_t port) {
  fmt::print(stderr, "Paysim serves; nobody is charged.\n  Gateway   http://{}:{}\n  Ledger    {}\n  Webhooks  {}\n", options.host,
             port, options.ledger, options.webhook_url.empty() ? "none" : options.webhook_url);
}

}  // namespace

int run_paysim(const std::vector<std::string>& arguments) {
  auto options = parse_options(arguments);
  if (!options) return cli::say(options.error());
  options->secret = variable("EDDA_PAYSIM_SECRET");
  options->webhook_secret = variable("EDDA_PAYSIM_WEBHOOK_SECRET");
  if (!options->webhook_url.empty() && options->webhook_secret.empty())
    return report({Errc::invalid_argument, "needs EDDA_PAYSIM_WEBHOOK_SECRET: unsigned webhooks are refused", "--webhook-url"});
  std::signal(SIGPIPE, SIG_IGN);

  asio::io_context io(1);
  auto paysim = Paysim::open(io.get_executor(), *options);
  if (!paysim) return report(paysim.error());
  if (const auto started = (*paysim)->start(); !started) return report(started.error());
  say_where_everything_is(*options, (*paysim)->port());
  asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&](const boost::system::error_code&, int) {
    asio::co_spawn(io, (*paysim)->stop(), [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    });
  });
  io.run();
  return 0;
}

}  // namespace edda::paysim
