#include <gmock/gmock.h>

#include "contract/event_store_contract.hpp"

namespace edda::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST_P(ContractReadModels, ListsNewestFirst) { EXPECT_EQ(ids_of(orders({})), orders_of({6, 5, 4, 3, 2, 1})); }

TEST_P(ContractReadModels, OrdersOfOneInstantAreListedByTheirIds) {
  append({place(31, OrderIds(31), 40), place(33, OrderIds(33), 40), place(32, OrderIds(32), 40)});
  const auto page = orders({}, {.after = {}, .offset = 0, .limit = 2});
  EXPECT_EQ(ids_of(page), orders_of({33, 32}));
  const ListCursor last{page->items.back().created_at, page->items.back().row.id.value};
  EXPECT_EQ(ids_of(orders({}, {.after = last, .offset = 0, .limit = 2})), orders_of({31, 6}));
}

TEST_P(ContractReadModels, WalksThroughPagesByCursorWithoutLossOrRepeat) {
  std::vector<Uuid> seen;
  ListWindow window{.after = {}, .offset = 0, .limit = 4};
  for (int pages = 0; pages < 5; ++pages) {
    const auto page = orders({}, window);
    ASSERT_TRUE(page);
    for (const auto& order : page->items) seen.push_back(order.row.id.value);
    if (!page->has_more) break;
    window.after = ListCursor{page->items.back().created_at, page->items.back().row.id.value};
  }
  EXPECT_EQ(seen, orders_of({6, 5, 4, 3, 2, 1}));
}

TEST_P(ContractReadModels, ListsByOffsetAndCountsWhenAsked) {
  const auto page = orders({}, {.after = {}, .offset = 4, .limit = 20, .want_total = true});
  EXPECT_EQ(ids_of(page), orders_of({2, 1}));
  EXPECT_EQ(page->total, 6);
  EXPECT_FALSE(page->has_more);
  EXPECT_EQ(orders({}, {.after = {}, .offset = 0, .limit = 1})->total, 0);
  EXPECT_THAT(ids_of(orders({}, {.after = {}, .offset = 100})), IsEmpty());
}

TEST_P(ContractReadModels, FiltersOrders) {
  const UserId user = OrderIds(1).user;
  EXPECT_EQ(ids_of(orders({.user = user, .statuses = {}, .created_after = {}})), orders_of({4, 1}));
  EXPECT_EQ(ids_of(orders({.user = {}, .statuses = {OrderStatus::pending}, .created_after = {}})), orders_of({6, 4}));
  EXPECT_EQ(ids_of(orders({.user = {}, .statuses = {OrderStatus::paid, OrderStatus::cancelled}, .created_after = {}})),
            orders_of({5, 3, 2, 1}));
  EXPECT_EQ(ids_of(orders({.user = user, .statuses = {OrderStatus::paid}, .created_after = {}})), orders_of({1}));
  EXPECT_EQ(ids_of(orders({.user = {}, .statuses = {}, .created_after = at_second(4)})), orders_of({6, 5}));
  EXPECT_THAT(ids_of(orders({.user = {}, .statuses = {OrderStatus::shipped}, .created_after = {}})), IsEmpty());
  const ListWindow counted{.after = {}, .offset = 0, .limit = 1, .want_total = true};
  EXPECT_EQ(orders({.user = user, .statuses = {}, .created_after = {}}, counted)->total, 2);
  EXPECT_EQ(orders({.user = {}, .statuses = {OrderStatus::pending}, .created_after = {}}, counted)->total, 2);
}

TEST_P(ContractReadModels, OrdersComeWithWhatWasBought) {
  const auto order = await(store_->views().find_order(OrderIds(1).order, soon()));
  ASSERT_TRUE(order && *order);
  ASSERT_THAT((*order)->items, SizeIs(1));
  EXPECT_EQ((*order)->items.front().product_id, "p-1");
  EXPECT_EQ((*order)->shipping_address, "1 Main Street");
  EXPECT_EQ((*order)->row.user, OrderIds(1).user);
  EXPECT_EQ((*order)->row.total, (Money{1999, {}}));
  EXPECT_EQ((*order)->row.version, StreamVersion{2});
  EXPECT_EQ(orders({})->items.front().shipping_address, "1 Main Street");
}

TEST_P(ContractReadModels, OrdersShowWhatTheirPaymentRefunded) {
  TurnBuilder refund(40, 12);
  refund.expects(stream_of(OrderIds(1).payment), 2).event(stream_of(OrderIds(1).payment), "PaymentProcessed");
  Turn turn = refund.with_rows();
  turn.payments.front().refunded_minor = 500;
  append({turn});
  EXPECT_EQ((*await(store_->views().find_order(OrderIds(1).order, soon())))->refunded_minor, 500);
  EXPECT_EQ(orders({}, {.after = {}, .offset = 5})->items.front().refunded_minor, 500);
}

TEST_P(ContractReadModels, FindsNothingUnderUnknownIds) {
  EXPECT_EQ(*await(store_->views().find_order(OrderIds(99).order, soon())), std::nullopt);
  EXPECT_EQ(*await(store_->views().find_payment(OrderIds(99).payment, soon())), std::nullopt);
  EXPECT_EQ(*await(store_->views().find_saga(OrderIds(99).saga, soon())), std::nullopt);
}

TEST_P(ContractReadModels, KeepsEveryFieldOfARow) {
  TurnBuilder builder(50, 13);
  const OrderIds ids(4);
  builder.expects(stream_of(ids.payment), 1).event(stream_of(ids.payment), "PaymentFailed");
  builder.expects(stream_of(ids.saga), 1).event(stream_of(ids.saga), "SagaParked");
  Turn turn = builder.with_rows();
  turn.payments.front().external_transaction_id = "txn \"1\"";
  turn.payments.front().failure_reason = "no funds";
  turn.sagas.front().definition_version = 3;
  turn.sagas.front().completed_steps = {"a \"quoted\" step", "b,c"};
  turn.sagas.front().compensation_steps = {"b,c"};
  turn.sagas.front().error = "it broke: 100 %";
  append({turn});
  const auto payment = await(store_->views().find_payment(ids.payment, soon()));
  ASSERT_TRUE(payment && *payment);
  EXPECT_EQ((*payment)->row, turn.payments.front());
  EXPECT_EQ((*payment)->created_at, at_second(4));
  EXPECT_EQ((*payment)->updated_at, at_second(13));
  const auto saga = await(store_->views().find_saga(ids.saga, soon()));
  ASSERT_TRUE(saga && *saga);
  EXPECT_EQ((*saga)->row, turn.sagas.front());
}

TEST_P(ContractReadModels, FiltersPayments) {
  const auto payments_of = [](std::initializer_list<std::uint64_t> numbers) {
    std::vector<Uuid> ids;
    for (const auto n : numbers) ids.push_back(OrderIds(n).payment.value);
    return ids;
  };
  EXPECT_EQ(ids_of(payments({})), payments_of({6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(ids_of(payments({.user = OrderIds(1).user, .order = {}, .statuses = {}})), payments_of({4, 1}));
  EXPECT_EQ(ids_of(payments({.user = {}, .order = OrderIds(3).order, .statuses = {}})), payments_of({3}));
  EXPECT_EQ(ids_of(payments({.user = {}, .order = {}, .statuses = {PaymentStatus::completed}})),
            payments_of({5, 3, 1}));
  EXPECT_EQ(payments({.user = OrderIds(1).user, .order = {}, .statuses = {}},
                     {.after = {}, .offset = 0, .limit = 1, .want_total = true})
                ->total,
            2);
}

TEST_P(ContractReadModels, FiltersSagas) {
  const auto sagas_of = [](std::initializer_list<std::uint64_t> numbers) {
    std::vector<Uuid> ids;
    for (const auto n : numbers) ids.push_back(OrderIds(n).saga.value);
    return ids;
  };
  SagaFilter filter;
  EXPECT_EQ(ids_of(sagas(filter)), sagas_of({6, 5, 4, 3, 2, 1}));
  filter.statuses = {SagaStatus::started, SagaStatus::parked};
  EXPECT_EQ(ids_of(sagas(filter)), sagas_of({6, 4, 2}));
  filter.user = OrderIds(1).user;
  EXPECT_EQ(ids_of(sagas(filter)), sagas_of({4}));
  filter = {};
  filter.order = OrderIds(2).order;
  EXPECT_EQ(ids_of(sagas(filter)), sagas_of({2}));
  filter = {};
  filter.definition = "OrderProcessingSaga";
  filter.step = "payment_processing";
  filter.created_before = at_second(3);
  EXPECT_EQ(ids_of(sagas(filter)), sagas_of({2, 1}));
  filter.definition = "Another";
  EXPECT_THAT(ids_of(sagas(filter)), IsEmpty());
}

TEST_P(ContractReadModels, FindsSagasByTheirError) {
  TurnBuilder builder(60, 14);
  builder.expects(stream_of(OrderIds(6).saga), 1).event(stream_of(OrderIds(6).saga), "SagaParked");
  Turn turn = builder.with_rows();
  turn.sagas.front().error = "gateway said 100% no";
  append({turn});
  SagaFilter filter;
  filter.error_contains = "100% n";
  EXPECT_EQ(ids_of(sagas(filter)), std::vector<Uuid>{OrderIds(6).saga.value});
  filter.error_contains = "Gateway";
  EXPECT_THAT(ids_of(sagas(filter)), IsEmpty());
}

TEST_P(ContractReadModels, CountsByStatusAndType) {
  const auto totals = await(store_->views().totals(soon()));
  ASSERT_TRUE(totals);
  EXPECT_THAT(totals->orders, ElementsAre(std::pair(OrderStatus::pending, 2), std::pair(OrderStatus::paid, 3),
                                          std::pair(OrderStatus::cancelled, 1)));
  EXPECT_THAT(totals->payments,
              ElementsAre(std::pair(PaymentStatus::pending, 3), std::pair(PaymentStatus::completed, 3)));
  EXPECT_THAT(totals->sagas, ElementsAre(std::pair(SagaStatus::started, 2), std::pair(SagaStatus::completed, 3),
                                         std::pair(SagaStatus::parked, 1)));
  EXPECT_EQ(totals->events.at("OrderCreated"), 6);
  EXPECT_EQ(totals->events.at("SagaParked"), 1);
}

}  // namespace
}  // namespace edda::test
