#include "wiring/process_state.hpp"

#include "wiring/process_metrics.hpp"

namespace edda::wiring {

std::chrono::seconds ProcessState::uptime() const {
  return std::chrono::duration_cast<std::chrono::seconds>(clock_.steady_now() - started_);
}

std::size_t ProcessState::resident_bytes() const { return wiring::resident_bytes(); }

std::vector<http::Component> ProcessState::components() const {
  std::vector<http::Component> all;
  for (const Look& look : looks_) all.push_back(look());
  return all;
}

}  // namespace edda::wiring
