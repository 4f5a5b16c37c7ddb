#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace edda {

void assertion_failed(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr, "edda: broken assumption: %s (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace edda
