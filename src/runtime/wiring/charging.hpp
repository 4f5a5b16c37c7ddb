#pragma once

#include <memory>

#include "gateway/ledger.hpp"
#include "http/routes/api.hpp"
#include "ports/payment_gateway.hpp"
#include "wiring/foundation.hpp"

namespace edda::wiring {

/// Who charges cards: the simulator in this process with its ledger, or a gateway elsewhere, which keeps its own.
struct Charging {
  std::unique_ptr<gateway::Ledger> ledger;  ///< of the simulator, else null
  std::unique_ptr<PaymentGateway> gateway;

  http::Component health() const;
};

/// Errors: unavailable, corrupt (the ledger); invalid_argument (gateway.url).
Result<Charging> open_charging(Foundation& base);

}  // namespace edda::wiring
