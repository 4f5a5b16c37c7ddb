// What EDDA_FAILPOINT does in edda-failpoints, the program that is made to die. Two variables of the environment:
//
//   EDDA_FAILPOINT=name[/detail]:hit   SIGKILL when the point is reached for the hit-th time; without a detail, whatever passes it counts
//   EDDA_FAILPOINT_TRACE=file          one line "name/detail" for each point that is reached, in order
#include "base/failpoint.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <mutex>
#include <string>

namespace edda::failpoint {
namespace {

constexpr std::size_t uuid_length = 36;

struct Wanted {
  std::string point;  ///< empty: none
  int hits_left = 0;
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

Wanted wanted_point() {
  const std::string text = variable("EDDA_FAILPOINT");
  if (text.empty()) return {};
  const auto colon = text.rfind(':');
  const int hits = colon == std::string::npos ? 0 : std::atoi(text.c_str() + colon + 1);
  if (hits < 1) std::abort();  // a test's mistake must not look like a point that is never reached
  return {text.substr(0, colon), hits};
}

int trace_file() {
  const std::string path = variable("EDDA_FAILPOINT_TRACE");
  return path.empty() ? -1 : open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/// A step's key begins with its saga, which no test can know.
std::string_view without_saga(std::string_view detail) {
  const bool is_key = detail.size() > uuid_length && detail.find('/') == uuid_length;
  return is_key ? detail.substr(uuid_length + 1) : detail;
}

}  // namespace

void reached(std::string_view name, std::string_view detail, std::string_view more) {
  static std::mutex mutex;
  static Wanted wanted = wanted_point();
  static const int trace = trace_file();

  std::string point(name);
  if (const auto rest = without_saga(detail); !rest.empty()) point.append("/").append(rest);
  if (!more.empty()) point.append("/").append(more);
  const std::lock_guard lock(mutex);
  if (trace >= 0) {
    const std::string line = point + "\n";
    if (write(trace, line.data(), line.size()) < 0) std::abort();
  }
  if (wanted.point != point && wanted.point != name) return;
  if (--wanted.hits_left == 0) raise(SIGKILL);
}

}  // namespace edda::failpoint
