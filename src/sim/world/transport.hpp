#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>

#include "kernel/kernel.hpp"
#include "ports/clock.hpp"
#include "ports/step_executor.hpp"
#include "world/links.hpp"

namespace edda::sim {

/// A transport of steps that loses, doubles, delays and reorders, between the owner and whoever performs them. What it may have doubled it
/// never calls "failed": that counts as unanswered (R14). An answer after the deadline is brought by `late`.
class Transport final : public StepExecutor {
 public:
  using Late = std::function<void(const StepRequest&, const GatewayAnswer&)>;

  Transport(Kernel& kernel, Actor& node, Clock& clock, StepExecutor& inner, const Links& links)
      : kernel_(kernel), node_(node), clock_(clock), inner_(inner), links_(links) {}

  void on_late(Late late) { late_ = std::move(late); }
  Task<GatewayAnswer> perform(StepRequest request, Deadline deadline) override;

  /// Sends that are under way outside of any caller's sight.
  std::size_t under_way() const { return under_way_; }

 private:
  void perform_beside(StepRequest request, Duration after, bool bring);
  Task<void> beside(StepRequest request, Duration after, bool bring);

  Kernel& kernel_;
  Actor& node_;
  Clock& clock_;
  StepExecutor& inner_;
  const Links& links_;
  Late late_;
  std::size_t under_way_ = 0;
};

}  // namespace edda::sim
