#pragma once

#include <functional>

#include "http/routes/api.hpp"

namespace edda::wiring {

/// How the process is, for the routes: each stage says how its part is.
class ProcessState final : public http::Lifecycle {
 public:
  explicit ProcessState(Clock& clock) : clock_(clock), started_(clock.steady_now()) {}

  using Look = std::function<http::Component()>;
  void add(Look look) { looks_.push_back(std::move(look)); }
  void set_accepting(bool accepting) { accepting_ = accepting; }

  bool accepting() const override { return accepting_; }
  std::chrono::seconds uptime() const override;
  std::size_t resident_bytes() const override;
  std::vector<http::Component> components() const override;

 private:
  Clock& clock_;
  const SteadyTime started_;
  bool accepting_ = false;
  std::vector<Look> looks_;
};

}  // namespace edda::wiring
