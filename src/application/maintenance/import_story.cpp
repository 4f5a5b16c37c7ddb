#include "maintenance/import_story.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/uuid_v5.hpp"
#include "maintenance/import_teller.hpp"
#include "orders/client_key.hpp"
#include "ports/turn_check.hpp"
#include "saga/definitions.hpp"

namespace edda::maintenance {
namespace {

namespace json = boost::json;

using saga::Outcome;

constexpr std::string_view saga_type = "OrderProcessingSaga";
// Any currency of three decimals reads a quantity in thousandths.
constexpr Currency thousandths{{'B', 'H', 'D'}};

std::unexpected<Error> contradiction(std::string message) { return fail(Errc::invalid_argument, std::move(message)); }

Result<std::string> text_member(const json::object& item, std::string_view name) {
  const auto* value = item.if_contains(name);
  if (value == nullptr || !value->is_string()) return contradiction(fmt::format("items: {} is missing", name));
  return std::string(value->get_string());
}

/// The shortest decimal that is this number, as the replaced system wrote it.
Result<Money> number_member(const json::object& item, std::string_view name, Currency currency) {
  const auto* value = item.if_contains(name);
  if (value == nullptr || !value->is_number()) return contradiction(fmt::format("items: {} is missing", name));
  const std::string text = value->is_double() ? fmt::format("{}", value->get_double()) : json::serialize(*value);
  auto number = parse_major(text, currency);
  if (!number) return contradiction(fmt::format("items: {} {} cannot be kept exactly", name, text));
  return number;
}

Result<std::vector<order::Item>> items_of(const std::string& text, Currency currency) {
  boost::system::error_code wrong;
  const json::value parsed = json::parse(text, wrong);
  if (wrong || !parsed.is_array()) return contradiction("items is no JSON array");
  std::vector<order::Item> items;
  for (const json::value& value : parsed.get_array()) {
    if (!value.is_object()) return contradiction("items holds something that is no object");
    const json::object& object = value.get_object();
    order::Item item;
    TRY(item.product_id, text_member(object, "productId"));
    TRY(item.product_name, text_member(object, "productName"));
    TRY(const Money quantity, number_member(object, "quantity", thousandths));
    item.quantity.thousandths = quantity.minor;
    TRY(item.price, number_member(object, "price", currency));
    items.push_back(std::move(item));
  }
  return items;
}

/// Of several rows of one order, the one that its story is told from.
template <class Record>
std::size_t choose(const std::vector<Record>& records, std::string_view best_status) {
  const auto best = std::ranges::find(records, best_status, &Record::status);
  if (best != records.end()) return static_cast<std::size_t>(best - records.begin());
  return records.empty() ? 0 : records.size() - 1;
}

/// The end that an order's rows prove, as commands on the order that was placed.
class Ending {
 public:
  Ending(StoryTeller& teller, const replaced::OrderRecord& order, const replaced::PaymentRecord* payment, const replaced::SagaRecord* saga)
      : teller_(teller), order_(order), payment_(payment), saga_(saga) {}

  Result<void> tell() {
    const std::string& status = order_.status;
    if (status == "pending" || status == "processing") return pending();
    if (status == "paid" || status == "shipped" || status == "delivered") return sold();
    if (status == "cancelled" || status == "failed") return cancelled();
    return contradiction("an order cannot be '" + status + "'");
  }

 private:
  bool money_is(std::string_view status) const { return payment_ != nullptr && payment_->status == status; }
  bool saga_is(std::string_view status) const { return saga_ != nullptr && saga_->status == status; }
  bool saga_is_open() const { return !saga_is("completed") && !saga_is("compensated"); }
  std::string why(std::string_view what) const {
    if (saga_ == nullptr) return fmt::format("imported: {}; the order had no saga", what);
    return fmt::format("imported: {}; the saga was {} at {}{}{}", what, saga_->status, saga_->step.empty() ? "its start" : saga_->step,
                       saga_->error.empty() ? "" : ": ", saga_->error);
  }
  std::string failure() const { return payment_->failure_reason.empty() ? "Payment failed" : payment_->failure_reason; }
  Result<void> charged(std::string_view until = {}) {
    return teller_.answer(Outcome::succeeded, {}, payment_->external_transaction_id, until);
  }
  Result<void> declined(std::string_view until = {}) { return teller_.answer(Outcome::declined, failure(), {}, until); }

  Result<void> pending() {
    if (money_is("refunded")) return contradiction("the order is pending and its payment refunded");
    if (money_is("completed")) {
      TRY_VOID(charged("OrderConfirmed"));
      return teller_.park(why("paid, and not confirmed"));
    }
    if (money_is("failed")) {
      TRY_VOID(declined("SagaCompensationStarted"));
      return teller_.park(why("payment failed, and not cancelled"));
    }
    return teller_.park(why("whether the charge took effect is not known"));
  }

  Result<void> sold() {
    if (!money_is("completed")) return contradiction("the order is " + order_.status + ", and no completed payment is");
    if (saga_is("compensated")) return contradiction("the order is " + order_.status + " and its saga compensated");
    TRY_VOID(charged(saga_is_open() ? "SagaCompleted" : ""));
    if (saga_is_open()) TRY_VOID(teller_.park(why("paid and confirmed")));
    if (order_.status == "paid") return {};
    TRY_VOID(teller_.tell(turn::ShipOrder{}));
    return order_.status == "shipped" ? Result<void>() : teller_.tell(turn::DeliverOrder{});
  }

  Result<void> cancelled() {
    if (money_is("completed") || money_is("refunded")) return cancelled_after_charge();
    if (saga_is("completed")) return contradiction("the order is cancelled, nothing was charged, and its saga completed");
    if (money_is("failed")) {
      TRY_VOID(declined(saga_is_open() ? "SagaCompensated" : ""));
      return saga_is_open() ? teller_.park(why("payment failed, order cancelled")) : Result<void>();
    }
    TRY_VOID(teller_.tell(turn::CancelOrder{order_.cancel_reason}));
    if (payment_ == nullptr && saga_is("compensated")) return teller_.answer(Outcome::declined, "No payment record", {});
    return teller_.park(why("cancelled, and whether the charge took effect is not known"));
  }

  /// The replaced system never paid back: what it took is set aside, and a person says what became of it.
  Result<void> cancelled_after_charge() {
    if (saga_is("completed")) {
      TRY_VOID(charged());
      TRY_VOID(teller_.tell(turn::CancelOrder{order_.cancel_reason}));
    } else {
      TRY_VOID(teller_.tell(turn::CancelOrder{order_.cancel_reason}));
      TRY_VOID(charged());
    }
    if (money_is("completed")) return teller_.park("imported: cancelled, and the money was never paid back");
    TRY_VOID(teller_.answer(Outcome::succeeded, {}, payment_->external_transaction_id, saga_is_open() ? "SagaCompensated" : ""));
    return saga_is_open() ? teller_.park(why("cancelled and paid back")) : Result<void>();
  }

  StoryTeller& teller_;
  const replaced::OrderRecord& order_;
  const replaced::PaymentRecord* payment_;
  const replaced::SagaRecord* saga_;
};

Uuid sibling(OrderId order, const std::string& name) {
  Uuid id = uuid_v5(order.value, name);
  id.bytes[14] = order.value.bytes[14];
  id.bytes[15] = order.value.bytes[15];
  return id;
}

/// The old id stands in the data of the stream's first event, and as a claim that leads to the stream.
void keep_id(Turn& beginning, StreamId stream, const Uuid& replaced) {
  beginning.claims.push_back({orders::alias_claim(to_string(replaced)), stream});
  const auto first = std::ranges::find(beginning.events, stream, &NewEvent::stream);
  first->data.insert(first->data.size() - 1, fmt::format(R"(,"replacedId":"{}")", to_string(replaced)));
}

template <class Record>
const Record* at(const std::vector<Record>& records, std::size_t index) {
  return index < records.size() ? &records[index] : nullptr;
}

Result<void> check_rows(const replaced::OrderRecord& record, Money total, const replaced::PaymentRecord* payment,
                        const replaced::SagaRecord* saga) {
  if (payment != nullptr) {
    const auto amount = parse_major(payment->amount, total.currency);
    if (!amount || *amount != total) {
      return contradiction(fmt::format("its payment {} is over {}, its total is {}", to_string(payment->id), payment->amount, record.total));
    }
  }
  if (saga != nullptr && saga->type != saga_type) {
    return contradiction(fmt::format("its saga {} is a '{}'", to_string(saga->id), saga->type));
  }
  return {};
}

Result<void> tell_order(const replaced::OrderRecord& record, Currency currency, std::uint16_t shards, ImportedOrder& told) {
  const auto* payment = at(record.payments, told.payment);
  const auto* saga = at(record.sagas, told.saga);
  auto total = parse_major(record.total, currency);
  if (!total || total->minor < 0) return contradiction("its total is no amount of " + std::string(currency.view()));
  TRY_VOID(check_rows(record, *total, payment, saga));
  TRY(auto items, items_of(record.items, currency));
  const PaymentId payment_id{sibling(record.id, payment != nullptr ? "payment " + to_string(payment->id) : "payment")};
  const SagaId saga_id{sibling(record.id, saga != nullptr ? "saga " + to_string(saga->id) : "saga")};

  StoryTeller teller(record.id, SagaId{sibling(record.id, "cancellation")}, shards);
  teller.begin(record.created_at, "beginning");
  TRY_VOID(teller.tell(turn::PlaceOrder{
      {record.id, record.user, std::move(items), *total, record.shipping_address, payment_id, saga_id}, {}}));
  told.beginning = teller.end();
  if (payment != nullptr) keep_id(*told.beginning, stream_of(payment_id), payment->id);
  if (saga != nullptr) keep_id(*told.beginning, stream_of(saga_id), saga->id);
  if (!record.idempotency_key.empty()) {
    told.beginning->claims.push_back({orders::order_key_claim(record.idempotency_key), stream_of(record.id)});
  }

  teller.begin(record.updated_at, "end");
  TRY_VOID(Ending(teller, record, payment, saga).tell());
  told.end = teller.end();
  for (const Turn* turn : {&*told.beginning, &*told.end}) {
    if (auto refused = refuse_turn(*turn, shards)) return std::unexpected(std::move(*refused));
  }
  told.state = teller.state();
  for (const auto& state : told.state.sagas) {
    if (state.status != SagaStatus::parked) continue;
    told.parked.push_back({state.id, record.id, saga != nullptr && state.id == saga_id ? to_string(saga->id) : "", state.error});
  }
  return {};
}

void leave_out_others(const replaced::OrderRecord& record, ImportedOrder& told, bool all) {
  for (std::size_t i = 0; i < record.payments.size(); ++i) {
    if (!all && i == told.payment) continue;
    const auto& row = record.payments[i];
    told.left_out.push_back({"payments", to_string(row.id), all ? "its order is left out" : "a further payment of order " + to_string(record.id),
                             row.status, row.amount});
  }
  for (std::size_t i = 0; i < record.sagas.size(); ++i) {
    if (!all && i == told.saga) continue;
    const auto& row = record.sagas[i];
    told.left_out.push_back({"saga_instances", to_string(row.id), all ? "its order is left out" : "a further saga of order " + to_string(record.id),
                             row.status});
  }
}

}  // namespace

ImportedOrder import_order(const replaced::OrderRecord& record, Currency currency, std::uint16_t shards) {
  ImportedOrder told;
  told.payment = choose(record.payments, "completed");
  told.saga = choose(record.sagas, "completed");
  const auto done = tell_order(record, currency, shards, told);
  if (!done) {
    told = ImportedOrder();
    told.payment = record.payments.size();
    told.saga = record.sagas.size();
    told.left_out.push_back({"orders", to_string(record.id), done.error().message, record.status, record.total});
  }
  leave_out_others(record, told, !done);
  return told;
}

}  // namespace edda::maintenance
