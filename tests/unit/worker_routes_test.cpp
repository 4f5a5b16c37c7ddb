#include "owner/worker_routes.hpp"

#include <gtest/gtest.h>

#include "support/manual_clock.hpp"
#include "support/run_task.hpp"

namespace edda::owner {
namespace {

using testing_support::run_task;
using testing_support::some_deadline;

struct NamedExecutor final : StepExecutor {
  explicit NamedExecutor(std::string name) : name(std::move(name)) {}
  Task<GatewayAnswer> perform(StepRequest, Deadline) override { co_return GatewayAnswer{saga::Outcome::succeeded, name, {}}; }
  std::string name;
};

TEST(UnitWorkerRoutes, SendTheNamedStepsToWorkersWhateverTheirDirection) {
  NamedExecutor workers("workers");
  NamedExecutor others("others");
  WorkerRoutes routes({"payment_processing"}, workers, others);
  const auto performed_by = [&](std::string step, saga::Direction direction) {
    StepRequest request;
    request.step = std::move(step);
    request.direction = direction;
    return run_task(routes.perform(std::move(request), some_deadline())).reference;
  };
  EXPECT_EQ(performed_by("payment_processing", saga::Direction::forward), "workers");
  EXPECT_EQ(performed_by("payment_processing", saga::Direction::void_request), "workers");
  EXPECT_EQ(performed_by("stock_reservation", saga::Direction::forward), "others");
}

}  // namespace
}  // namespace edda::owner
