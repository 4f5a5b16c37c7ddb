#include "wiring/foundation.hpp"

#include "wiring/settings_of.hpp"

namespace edda::wiring {

Foundation::Foundation(config::Loaded configuration, RunOptions run_options)
    : loaded(std::move(configuration)),
      options(std::move(run_options)),
      log(stderr, log_level(config()), config().server.node_id, clock, config().server.log_rate_max) {}

}  // namespace edda::wiring
