#pragma once

#include <netinet/in.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace edda::bench {

/// A port of the loopback that was free a moment ago. Errors: unavailable.
Result<std::uint16_t> free_port();

struct Ran {
  int exit_code = 0;
  std::string output;  ///< stdout and stderr
};

/// "NAME=value" of this process's own variables, of those that only say where programs find things.
std::vector<std::string> plain_environment();

/// The texts as exec(2) takes them, with a null pointer behind. They must outlive it.
std::vector<char*> c_strings(std::vector<std::string>& texts);

/// Runs a program to its end; one that takes longer than `limit` is killed. `words.front()` is looked for in PATH.
/// Errors: unavailable (it cannot be started, or took too long).
Result<Ran> run_program(std::vector<std::string> words, std::vector<std::string> environment, std::chrono::seconds limit);

/// As run_program. Errors: also unavailable when it ends with another exit code than 0, with the end of its output.
Result<std::string> must_run(std::vector<std::string> words, std::vector<std::string> environment, std::chrono::seconds limit);

}  // namespace edda::bench
