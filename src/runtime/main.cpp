#include <fmt/format.h>

#include <sys/stat.h>

#include <exception>
#include <string>
#include <vector>

#include "cli/cli.hpp"
#include "commit.hpp"
#include "copy/copy.hpp"
#include "fault_proxy/proxy.hpp"
#include "http/openapi/assets.hpp"
#include "import/import.hpp"
#include "paysim/paysim.hpp"
#include "server_thread.hpp"
#include "wiring/storage_postgres.hpp"
#include "worker/worker.hpp"
#if __has_include("bench/bench.hpp")
#include "bench/bench.hpp"
#endif

int main(int count, char** values) try {
  umask(0077);  // the data folder holds everybody's orders: whatever is made here is its owner's alone
  edda::cli::Hooks hooks;
  hooks.version = EDDA_VERSION;
  hooks.compiler = __VERSION__;
  hooks.commit = edda::built_commit();
  hooks.start = edda::runtime::start_server;
  hooks.find_shared_store = edda::wiring::find_postgres;
  hooks.openapi = [] { return std::string(edda::http::openapi_json()); };
  hooks.paysim = edda::paysim::run_paysim;
  hooks.fault_proxy = edda::fault_proxy::run_fault_proxy;
  hooks.worker = edda::worker::run_worker;
  hooks.copy = edda::copy::run_copy;
  hooks.import = edda::import::run_import;
#if __has_include("bench/bench.hpp")
  hooks.bench = edda::bench::run_bench;
#endif
  return edda::cli::main(std::vector<std::string>(values + 1, values + count), hooks);
} catch (const std::exception& failure) {
  fmt::print(stderr, "edda: {}\n", failure.what());
  return 1;
}
