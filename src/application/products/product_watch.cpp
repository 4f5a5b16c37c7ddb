#include "products/product_watch.hpp"

namespace edda::products {
namespace {

constexpr std::chrono::milliseconds read_deadline{5'000};

}  // namespace

/// A read that fails is made good by the next one.
Task<void> ProductWatch::watch() {
  while (!tasks_.closed()) {
    static_cast<void>(co_await tracked_.refresh(views_, clock_.deadline_in(read_deadline)));
    co_await clock_.sleep_until(clock_.steady_now() + every_);
  }
}

Task<void> ProductWatch::stop() {
  tasks_.close();
  tasks_.cancel();
  co_await tasks_.join();
}

}  // namespace edda::products
