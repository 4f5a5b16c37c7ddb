#include "fault_proxy/options.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <utility>

#include "cli/own_command_line.hpp"

namespace edda::fault_proxy {
namespace {

constexpr const char* about =
    "A TCP link that goes wrong on command, to try a cluster with: it passes everything on from --listen to --to until it is told otherwise.";
constexpr const char* commands = R"(Commands, one line to a connection to --control, answered by a line "ok ..." or "error ...". Faults add up until "pass".
  pass                                all faults end; what was held goes on
  cut                                 every connection is reset, now
  stall                               nothing passes and nobody is told: data, ends and new connections are held
  refuse                              new connections are refused
  delay MS                            every piece of data is held back so long
  cut-after up|down BYTES             every connection is reset when so many more bytes have passed (up: towards --to)
  random BYTES_MEAN STALL_MS_MAX      every connection is reset or halts, again and again, as --seed draws it
  status                              counts, and the faults there are

Example:
  edda fault-proxy --listen 127.0.0.1:15432 --to 127.0.0.1:5432 --control 127.0.0.1:15433
  bash -c 'exec 3<>/dev/tcp/127.0.0.1/15433; echo stall >&3; cat <&3')";

/// HOST:PORT; an IPv6 address in brackets.
Address address_of(const std::string& text) {
  Address address;
  const auto colon = text.rfind(':');
  const char* const end = text.data() + text.size();
  bool good = colon != std::string::npos && colon > 0;
  if (good) {
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, address.port);
    good = error == std::errc() && stop == end;
  }
  if (!good) throw CLI::ValidationError("'" + text + "' is not HOST:PORT");
  address.host = text.substr(0, colon);
  if (address.host.front() == '[' && address.host.back() == ']') address.host = address.host.substr(1, address.host.size() - 2);
  return address;
}

}  // namespace

std::expected<Options, cli::Stop> parse_options(std::vector<std::string> arguments) {
  Options options;
  CLI::App app(about, "edda fault-proxy");
  app.footer(commands);
  const auto add = [&app](const char* name, Address& address, const char* what) {
    app.add_option_function<std::string>(name, [&address](const std::string& text) { address = address_of(text); }, what)
        ->required()
        ->type_name("HOST:PORT");
  };
  add("--listen", options.listen, "Where clients come; port 0 takes a free one");
  add("--to", options.to, "The server behind it");
  add("--control", options.control, "Where commands come; whoever reaches it may give them");
  app.add_option("--seed", options.seed, "Seed of the faults that are drawn")->capture_default_str()->type_name("");
  if (auto stop = cli::read_own(app, std::move(arguments))) return std::unexpected(*std::move(stop));
  return options;
}

}  // namespace edda::fault_proxy
