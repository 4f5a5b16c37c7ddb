#pragma once

#include <cstdint>
#include <string>

#include "order/events.hpp"
#include "ports/event_store.hpp"
#include "ports/view_rebuild.hpp"

namespace edda::test {

/// An id that reads as its number; ids of one kind with greater numbers are greater.
inline Uuid uuid_of(std::uint64_t number, std::uint8_t kind = 0) {
  Uuid id;
  id.bytes[0] = kind;
  for (std::size_t i = 0; i < 8; ++i) id.bytes[i + 4] = static_cast<std::uint8_t>(number >> (8 * (7 - i)));
  return id;
}
template <class IdType>
IdType id_of(std::uint64_t number, std::uint8_t kind = 0) {
  return IdType{uuid_of(number, kind)};
}
inline Digest128 digest_of(std::uint64_t number) { return uuid_of(number * 0x9E3779B97F4A7C15ULL, 9).bytes; }
inline Timestamp at_second(std::int64_t second) { return from_micros(second * 1'000'000); }

inline constexpr std::uint64_t customers = 3;

/// The three streams and the customer of one order, all told by its number, so that a fold can tell them from any
/// stream's id.
struct OrderIds {
  explicit OrderIds(std::uint64_t number)
      : order(id_of<OrderId>(number, 1)),
        payment(id_of<PaymentId>(number, 2)),
        saga(id_of<SagaId>(number, 3)),
        user(id_of<UserId>(number % customers, 4)) {
    // The low bits, which tell the shard.
    for (Uuid* id : {&order.value, &payment.value, &saga.value}) id->bytes[15] = static_cast<std::uint8_t>(number);
  }
  OrderId order;
  PaymentId payment;
  SagaId saga;
  UserId user;
};

/// A turn built step by step; each event follows the version that `expects` or the event before named.
class TurnBuilder {
 public:
  explicit TurnBuilder(std::uint64_t turn, std::int64_t second = 1) {
    turn_.id = id_of<TurnId>(turn, 5);
    turn_.node = "node-a";
    turn_.proposed_at = at_second(second);
  }

  TurnBuilder& expects(StreamId stream, std::int64_t version) {
    turn_.expected.push_back({stream, StreamVersion{version}});
    return *this;
  }
  TurnBuilder& event(StreamId stream, std::string_view type, std::string data = "{}") {
    turn_.events.push_back({stream, StreamVersion{version_of(stream) + 1}, type, std::move(data)});
    return *this;
  }
  TurnBuilder& key(std::uint64_t number, std::uint64_t fingerprint = 7) {
    turn_.command =
        CommandKey{digest_of(number), fingerprint, turn_.events.front().stream, turn_.events.front().version};
    return *this;
  }
  TurnBuilder& claim(std::uint64_t number) {
    turn_.claims.push_back({digest_of(number), turn_.events.front().stream});
    return *this;
  }
  TurnBuilder& after(const Turn& earlier) {
    turn_.after.push_back(earlier.id);
    return *this;
  }
  TurnBuilder& epoch(std::int64_t epoch) {
    turn_.epoch = Epoch{epoch};
    return *this;
  }
  /// The rows that the events so far lead to; call it last.
  TurnBuilder& with_rows();
  operator Turn() const { return turn_; }
  Turn build() const { return turn_; }

 private:
  std::int64_t version_of(StreamId stream) const {
    std::int64_t version = 0;
    for (const ExpectedVersion& expected : turn_.expected) {
      if (expected.stream == stream) version = expected.version.value;
    }
    for (const NewEvent& event : turn_.events) {
      if (event.stream == stream) version = event.version.value;
    }
    return version;
  }
  Turn turn_;
};

inline OrderRow order_row(const OrderIds& ids, OrderStatus status) {
  OrderRow row;
  row.id = ids.order;
  row.user = ids.user;
  row.status = status;
  row.total = Money{1999, {}};
  row.payment = ids.payment;
  row.saga = ids.saga;
  return row;
}
inline PaymentRow payment_row(const OrderIds& ids, PaymentStatus status) {
  PaymentRow row;
  row.id = ids.payment;
  row.order = ids.order;
  row.user = ids.user;
  row.status = status;
  row.amount = Money{1999, {}};
  return row;
}
inline SagaRow saga_row(const OrderIds& ids, SagaStatus status) {
  SagaRow row;
  row.id = ids.saga;
  row.order = ids.order;
  row.user = ids.user;
  row.definition = "OrderProcessingSaga";
  row.status = status;
  row.current_step = "payment_processing";
  return row;
}

/// The rows of a stream of these tests, told by its id and its last event.
inline StreamRows rows_after(StreamId stream, std::string_view last_type, StreamVersion version) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number = (number << 8) | stream.value.bytes[i + 4];
  const OrderIds ids(number);
  StreamRows rows;
  if (stream == stream_of(ids.order)) {
    const bool paid = last_type == "OrderConfirmed";
    rows.orders.push_back(order_row(ids, paid                            ? OrderStatus::paid
                                         : last_type == "OrderCancelled" ? OrderStatus::cancelled
                                                                         : OrderStatus::pending));
    rows.orders.back().version = version;
  } else if (stream == stream_of(ids.payment)) {
    const bool done = last_type == "PaymentProcessed";
    rows.payments.push_back(payment_row(ids, done                           ? PaymentStatus::completed
                                             : last_type == "PaymentFailed" ? PaymentStatus::failed
                                                                            : PaymentStatus::pending));
    rows.payments.back().version = version;
  } else {
    const bool done = last_type == "SagaCompleted";
    rows.sagas.push_back(saga_row(ids, done                        ? SagaStatus::completed
                                       : last_type == "SagaParked" ? SagaStatus::parked
                                                                   : SagaStatus::started));
    rows.sagas.back().version = version;
    if (done) rows.sagas.back().completed_steps = {"payment_processing", "order_confirmation"};
  }
  return rows;
}
inline Result<StreamRows> fold_rows(const std::vector<RecordedEvent>& stream) {
  return rows_after(stream.front().stream, stream.back().type, stream.back().version);
}

inline TurnBuilder& TurnBuilder::with_rows() {
  for (const ExpectedVersion& expected : turn_.expected) {
    const NewEvent* last = nullptr;
    for (const NewEvent& event : turn_.events) {
      if (event.stream == expected.stream) last = &event;
    }
    if (last == nullptr) continue;
    const StreamRows rows = rows_after(last->stream, last->type, last->version);
    turn_.orders.insert(turn_.orders.end(), rows.orders.begin(), rows.orders.end());
    turn_.payments.insert(turn_.payments.end(), rows.payments.begin(), rows.payments.end());
    turn_.sagas.insert(turn_.sagas.end(), rows.sagas.begin(), rows.sagas.end());
  }
  return *this;
}

inline std::string order_created(const OrderIds& ids) {
  return order::encode(order::OrderCreated{
      .order = ids.order,
      .user = ids.user,
      .items =
          {{.product_id = "p-1", .product_name = "Lamp", .quantity = order::Quantity::whole(1), .price = {1999, {}}}},
      .total = {1999, {}},
      .shipping_address = "1 Main Street",
      .payment = ids.payment,
      .saga = ids.saga});
}

/// The turn that places an order: three streams begin, rows pending.
inline TurnBuilder place(std::uint64_t turn, const OrderIds& ids, std::int64_t second = 1) {
  TurnBuilder builder(turn, second);
  builder.expects(stream_of(ids.order), 0).expects(stream_of(ids.payment), 0).expects(stream_of(ids.saga), 0);
  builder.event(stream_of(ids.order), "OrderCreated", order_created(ids));
  builder.event(stream_of(ids.payment), "PaymentRequested").event(stream_of(ids.saga), "SagaStarted");
  return builder.with_rows();
}
/// The turn that stores a good charge: the same three streams move on to their ends.
inline TurnBuilder charge(std::uint64_t turn, const OrderIds& ids, std::int64_t second = 2) {
  TurnBuilder builder(turn, second);
  builder.expects(stream_of(ids.order), 1).expects(stream_of(ids.payment), 1).expects(stream_of(ids.saga), 1);
  builder.event(stream_of(ids.payment), "PaymentProcessed").event(stream_of(ids.order), "OrderConfirmed");
  builder.event(stream_of(ids.saga), "SagaCompleted");
  return builder.with_rows();
}

}  // namespace edda::test
