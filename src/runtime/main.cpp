#include <fmt/format.h>

#include <exception>
#include <string>
#include <vector>

#include "cli/cli.hpp"
#include "http/openapi/assets.hpp"
#include "server_thread.hpp"

int main(int count, char** values) try {
  edda::cli::Hooks hooks;
  hooks.version = EDDA_VERSION;
  hooks.compiler = __VERSION__;
  hooks.commit = EDDA_COMMIT;
  hooks.start = edda::runtime::start_server;
  hooks.openapi = [] { return std::string(edda::http::openapi_json()); };
#if __has_include("bench/bench.hpp")
  hooks.bench = edda::bench::run_bench;
#endif
  return edda::cli::main(std::vector<std::string>(values + 1, values + count), hooks);
} catch (const std::exception& failure) {
  fmt::print(stderr, "edda: {}\n", failure.what());
  return 1;
}
