#include "wiring/front_door.hpp"

#include "http/routes/ops_routes.hpp"
#include "wiring/settings_of.hpp"

namespace edda::wiring {
namespace {

constexpr std::chrono::milliseconds probes_drain{1'000};

}  // namespace

FrontDoor::FrontDoor(Foundation& base) : base_(base), closed_({.cors_open = base.config().http.cors_open}) {
  http::add_starting_routes(closed_);
}

void FrontDoor::make_server(http::Router& router) {
  server_.emplace(base_.io.get_executor(), router, base_.clock, base_.random, server_options(base_.config(), base_.options.serve));
}

Result<void> FrontDoor::answer_probes() {
  if (serves_) return {};
  make_server(closed_);
  return server_->start();
}

Task<Result<void>> FrontDoor::open(http::Router& router) {
  serves_ = true;
  co_await stop(base_.clock.deadline_in(probes_drain));
  make_server(router);
  co_return server_->start();
}

void FrontDoor::announce_stop() {
  if (server_) server_->announce_stop();
}

Task<void> FrontDoor::stop(Deadline deadline) {
  if (server_) co_await server_->stop(deadline);
}

}  // namespace edda::wiring
