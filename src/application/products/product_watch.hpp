#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>

#include "async/task_group.hpp"
#include "ports/clock.hpp"
#include "ports/read_models.hpp"
#include "products/tracked_products.hpp"

namespace edda::products {

/// Keeps TrackedProducts up to date where other nodes create products too. A product is known here a moment after its creation elsewhere:
/// one small read every `every`, and all tracked products when something changed.
/// Lifecycle: `start` once; `stop` before destruction. Thread-safety: on the one thread that runs the executor.
class ProductWatch {
 public:
  ProductWatch(boost::asio::any_io_executor executor, TrackedProducts& tracked, ReadModels& views, Clock& clock,
               std::chrono::milliseconds every = std::chrono::milliseconds(250))
      : tracked_(tracked), views_(views), clock_(clock), every_(every), tasks_(std::move(executor)) {}

  void start() { tasks_.spawn(watch()); }
  Task<void> stop();

 private:
  Task<void> watch();

  TrackedProducts& tracked_;
  ReadModels& views_;
  Clock& clock_;
  const std::chrono::milliseconds every_;
  TaskGroup tasks_;
};

}  // namespace edda::products
