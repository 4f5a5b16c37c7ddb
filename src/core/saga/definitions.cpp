#include "saga/definitions.hpp"

#include <array>

#include "saga/checked.hpp"

namespace edda::saga {
namespace {

using namespace std::chrono_literals;

// A gateway answers within seconds or not at all; five tries over about half a minute outlast its short troubles.
constexpr milliseconds gateway_timeout = 10s;
constexpr RetryPolicy gateway_retry{.attempts = 5, .first_pause = 500ms, .longest_pause = 10s};
// What gateways promise for their idempotency keys (a day is the usual word).
constexpr milliseconds gateway_key_retention = 24h;
// Money that must go back has time: nobody waits at a screen for it, and giving up means an operator.
constexpr RetryPolicy refund_retry{.attempts = 8, .first_pause = 500ms, .longest_pause = 60s};

// Stock is a turn in another shard of the same store: fast, or the store is in trouble. Its command rows never forget a key.
constexpr milliseconds stock_timeout = 5s;
constexpr RetryPolicy stock_retry{.attempts = 5, .first_pause = 200ms, .longest_pause = 5s};
constexpr RetryPolicy release_retry{.attempts = 10, .first_pause = 200ms, .longest_pause = 60s};

// Long enough for a person to look at an order on the next working day; the saga itself gets as long again.
constexpr milliseconds approval_deadline = 24h;
constexpr milliseconds order_deadline = 48h;

constexpr Compensation cancel_the_order = Compensation::local("order_cancelled", Action::cancel_order);
constexpr Compensation refund_the_payment =
    Compensation::outside("refund_payment", Action::refund_payment, gateway_timeout, refund_retry);
constexpr Compensation release_the_stock =
    Compensation::outside("stock_release", Action::release_stock, stock_timeout, release_retry);

constexpr Step reserve{.name = stock_reservation,
                       .action = Action::reserve_stock,
                       .kind = Kind::outside,
                       .compensation = release_the_stock,
                       .fork = 1,
                       .branch = 1,
                       .optional = true,
                       .voidable = true,
                       .skippable = true,
                       .timeout = stock_timeout,
                       .retry = stock_retry};
constexpr Step approve{.name = order_approval,
                       .action = Action::await_approval,
                       .kind = Kind::wait,
                       .compensation = Compensation::none_needed(),
                       .fork = 1,
                       .branch = 2,
                       .optional = true,
                       .skippable = true,
                       .timeout = approval_deadline};
constexpr Step charge{.name = payment_processing,
                      .action = Action::charge_payment,
                      .kind = Kind::outside,
                      .compensation = refund_the_payment,
                      .voidable = true,
                      .timeout = gateway_timeout,
                      .retry = gateway_retry,
                      .key_retention = gateway_key_retention};
constexpr Step confirm{.name = "order_confirmation",
                       .action = Action::confirm_order,
                       .kind = Kind::local,
                       .compensation = Compensation::none_needed()};
constexpr std::array order_processing_steps{reserve, approve, charge, confirm};
constexpr std::array order_processing_1_steps{charge, confirm};

// The other side has never known the key: it is as good as forgotten when the shortest of tries is over.
constexpr Step charged_elsewhere{.name = payment_processing,
                                 .action = Action::charge_payment,
                                 .kind = Kind::outside,
                                 .compensation = Compensation::outside("refund_payment", Action::refund_payment, gateway_timeout, {.attempts = 1}),
                                 .timeout = gateway_timeout,
                                 .retry = {.attempts = 1},
                                 .key_retention = 2 * gateway_timeout};
constexpr std::array order_imported_steps{charged_elsewhere, confirm};

// Nothing after a refund can be undone, and nothing needs to: these sagas only go forward, and what does not work waits for an operator.
constexpr Step pay_everything_back{.name = "payment_refund",
                                   .action = Action::refund_payment,
                                   .kind = Kind::outside,
                                   .compensation = Compensation::none_needed(),
                                   .timeout = gateway_timeout,
                                   .retry = refund_retry,
                                   .key_retention = gateway_key_retention,
                                   .on_decline = GiveUp::park,
                                   .on_exhaustion = GiveUp::park};
constexpr Step give_the_stock_back{.name = stock_release,
                                   .action = Action::release_stock,
                                   .kind = Kind::outside,
                                   .compensation = Compensation::none_needed(),
                                   .optional = true,
                                   .skippable = true,
                                   .timeout = stock_timeout,
                                   .retry = release_retry,
                                   .on_decline = GiveUp::park,
                                   .on_exhaustion = GiveUp::park};
constexpr Step cancel{.name = "order_cancellation",
                      .action = Action::cancel_order,
                      .kind = Kind::local,
                      .compensation = Compensation::none_needed()};
constexpr std::array order_cancellation_steps{pay_everything_back, give_the_stock_back, cancel};
constexpr std::array order_cancellation_1_steps{pay_everything_back, cancel};

constexpr std::array payment_refund_steps{
    Step{.name = "payment_refund",
         .action = Action::refund_payment,
         .kind = Kind::outside,
         .compensation = Compensation::none_needed(),
         .timeout = gateway_timeout,
         .retry = refund_retry,
         .key_retention = gateway_key_retention,
         .on_exhaustion = GiveUp::park},
};

}  // namespace

constexpr Definition order_processing =
    checked({"OrderProcessingSaga", 2, cancel_the_order, order_deadline, order_processing_steps});
constexpr Definition order_processing_1 =
    checked({"OrderProcessingSaga", 1, cancel_the_order, 0ms, order_processing_1_steps});
constexpr Definition order_imported = checked({"OrderProcessingSaga", 0, cancel_the_order, 0ms, order_imported_steps});
constexpr Definition order_cancellation =
    checked({"OrderCancellationSaga", 2, Compensation::none_needed(), 0ms, order_cancellation_steps});
constexpr Definition order_cancellation_1 =
    checked({"OrderCancellationSaga", 1, Compensation::none_needed(), 0ms, order_cancellation_1_steps});
constexpr Definition payment_refund =
    checked({"PaymentRefundSaga", 1, Compensation::none_needed(), 0ms, payment_refund_steps});

std::span<const Definition* const> all_definitions() {
  static constexpr std::array<const Definition*, 6> all{&order_processing, &order_processing_1, &order_imported, &order_cancellation,
                                                        &order_cancellation_1, &payment_refund};
  return all;
}

const Definition* find_definition(std::string_view name, int version) {
  for (const Definition* definition : all_definitions())
    if (definition->name == name && definition->version == version) return definition;
  return nullptr;
}

}  // namespace edda::saga
