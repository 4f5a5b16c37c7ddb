#include "views/rows.hpp"

#include <array>
#include <utility>

namespace edda {
namespace {

template <class Enum, std::size_t N>
using Names = std::array<std::pair<Enum, std::string_view>, N>;

constexpr Names<OrderStatus, 6> order_names{{{OrderStatus::pending, "pending"},
                                             {OrderStatus::paid, "paid"},
                                             {OrderStatus::shipped, "shipped"},
                                             {OrderStatus::delivered, "delivered"},
                                             {OrderStatus::cancelling, "cancelling"},
                                             {OrderStatus::cancelled, "cancelled"}}};
constexpr Names<PaymentStatus, 5> payment_names{{{PaymentStatus::pending, "pending"},
                                                 {PaymentStatus::processing, "processing"},
                                                 {PaymentStatus::completed, "completed"},
                                                 {PaymentStatus::failed, "failed"},
                                                 {PaymentStatus::refunded, "refunded"}}};
constexpr Names<SagaStatus, 7> saga_names{{{SagaStatus::started, "started"},
                                           {SagaStatus::completed, "completed"},
                                           {SagaStatus::compensating, "compensating"},
                                           {SagaStatus::compensated, "compensated"},
                                           {SagaStatus::parked, "parked"},
                                           {SagaStatus::paused, "paused"},
                                           {SagaStatus::force_closed, "force_closed"}}};

template <class Enum, std::size_t N>
std::string_view name_of(const Names<Enum, N>& names, Enum value) {
  return names[static_cast<std::size_t>(value)].second;
}

template <class Enum, std::size_t N>
std::optional<Enum> value_of(const Names<Enum, N>& names, std::string_view name) {
  for (const auto& [value, text] : names)
    if (text == name) return value;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(OrderStatus status) { return name_of(order_names, status); }
std::string_view to_string(PaymentStatus status) { return name_of(payment_names, status); }
std::string_view to_string(SagaStatus status) { return name_of(saga_names, status); }
std::optional<OrderStatus> parse_order_status(std::string_view name) { return value_of(order_names, name); }
std::optional<PaymentStatus> parse_payment_status(std::string_view name) { return value_of(payment_names, name); }
std::optional<SagaStatus> parse_saga_status(std::string_view name) { return value_of(saga_names, name); }

bool is_live(SagaStatus status) {
  return status == SagaStatus::started || status == SagaStatus::compensating || status == SagaStatus::parked ||
         status == SagaStatus::paused;
}

}  // namespace edda
