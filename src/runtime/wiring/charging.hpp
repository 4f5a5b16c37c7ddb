#pragma once

#include <memory>

#include "gateway/ledger.hpp"
#include "http/routes/api.hpp"
#include "ports/payment_gateway.hpp"
#include "wiring/foundation.hpp"

namespace edda::wiring {

/// Of the data folder: the simulator's ledger.
inline constexpr const char* ledger_name = "payments.ledger";
/// Left there by a start with a gateway elsewhere: who verifies the store later, and does not name that gateway, would miss its charges in
/// the simulator's ledger.
inline constexpr const char* note_name = "payments.elsewhere";

/// Who charges cards: the simulator in this process with its ledger, or a gateway elsewhere, which keeps its own.
struct Charging {
  std::unique_ptr<gateway::Ledger> ledger;  ///< of the simulator, else null
  std::unique_ptr<PaymentGateway> gateway;
  bool charged_elsewhere = false;  ///< the ledger does not hold everything that this store was charged

  /// What the log can be compared with; null where nobody here has all of it.
  gateway::Ledger* books() const { return charged_elsewhere ? nullptr : ledger.get(); }
  http::Component health() const;
};

/// Errors: unavailable, corrupt (the ledger); invalid_argument (gateway.url).
Result<Charging> open_charging(Foundation& base);

}  // namespace edda::wiring
