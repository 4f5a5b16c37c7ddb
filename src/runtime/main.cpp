#include <fmt/format.h>

#include <exception>
#include <string>
#include <vector>

#include "cli/cli.hpp"

int main(int count, char** values) try {
  edda::cli::Hooks hooks;
  hooks.version = EDDA_VERSION;
  hooks.compiler = __VERSION__;
  hooks.commit = EDDA_COMMIT;
  return edda::cli::main(std::vector<std::string>(values + 1, values + count), hooks);
} catch (const std::exception& failure) {
  fmt::print(stderr, "edda: {}\n", failure.what());
  return 1;
}
