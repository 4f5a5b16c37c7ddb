#include "saga/definitions.hpp"

#include <array>

namespace edda::saga {
namespace {

using namespace std::chrono_literals;

constexpr Compensation cancel_the_order{"order_cancelled", Action::cancel_order, Kind::local};
constexpr Compensation refund_the_payment{"refund_payment", Action::refund_payment, Kind::outside};

// A gateway answers within seconds or not at all; five tries over about half a minute outlast its short troubles.
constexpr milliseconds gateway_timeout = 10s;
constexpr RetryPolicy gateway_retry{.attempts = 5, .first_pause = 500ms, .longest_pause = 10s};
// Money that must go back has time: nobody waits at a screen for it, and giving up means an operator.
constexpr RetryPolicy refund_retry{.attempts = 8, .first_pause = 500ms, .longest_pause = 60s};

constexpr std::array order_processing_steps{
    Step{.name = "payment_processing",
         .action = Action::charge_payment,
         .kind = Kind::outside,
         .compensation = refund_the_payment,
         .voidable = true,
         .timeout = gateway_timeout,
         .retry = gateway_retry},
    Step{.name = "order_confirmation",
         .action = Action::confirm_order,
         .kind = Kind::local,
         .compensation = Compensation::none_needed()},
};

constexpr std::array order_cancellation_steps{
    Step{.name = "payment_refund",
         .action = Action::refund_payment,
         .kind = Kind::outside,
         .compensation = Compensation::none_needed(),
         .timeout = gateway_timeout,
         .retry = refund_retry,
         .on_decline = GiveUp::park,
         .on_exhaustion = GiveUp::park},
    Step{.name = "order_cancellation",
         .action = Action::cancel_order,
         .kind = Kind::local,
         .compensation = Compensation::none_needed()},
};

constexpr std::array payment_refund_steps{
    Step{.name = "payment_refund",
         .action = Action::refund_payment,
         .kind = Kind::outside,
         .compensation = Compensation::none_needed(),
         .timeout = gateway_timeout,
         .retry = refund_retry,
         .on_exhaustion = GiveUp::park},
};

}  // namespace

constexpr Definition order_processing =
    checked({"OrderProcessingSaga", 1, cancel_the_order, order_processing_steps});
constexpr Definition order_cancellation =
    checked({"OrderCancellationSaga", 1, Compensation::none_needed(), order_cancellation_steps});
constexpr Definition payment_refund =
    checked({"PaymentRefundSaga", 1, Compensation::none_needed(), payment_refund_steps});

std::span<const Definition* const> all_definitions() {
  static constexpr std::array<const Definition*, 3> all{&order_processing, &order_cancellation, &payment_refund};
  return all;
}

const Definition* find_definition(std::string_view name, int version) {
  for (const Definition* definition : all_definitions())
    if (definition->name == name && definition->version == version) return definition;
  return nullptr;
}

}  // namespace edda::saga
