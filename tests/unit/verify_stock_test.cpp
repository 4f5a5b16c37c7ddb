#include "maintenance/verify_stock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/turn_builder.hpp"

namespace edda::maintenance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class UnitVerifyStock : public testing::Test {
 protected:
  void run(const stock::Command& command) {
    for (const auto& event : *stock::decide(state, command)) {
      state = stock::evolve(std::move(state), event);
      RecordedEvent recorded;
      recorded.type = stock::type_name(event);
      recorded.data = stock::encode(event);
      events.push_back(std::move(recorded));
    }
  }
  VerifyCheck judged() {
    VerifyCheck check{"stock"};
    holding.clear();
    judge_product(check, events, state, holding);
    return check;
  }

  const OrderId order = test::OrderIds(1).order;
  stock::State state;
  std::vector<RecordedEvent> events;
  std::vector<OrderId> holding;
};

TEST_F(UnitVerifyStock, FindsNothingWrongWithASoundProduct) {
  run(stock::CreateProduct{"P", "P", {}, true, 10'000});
  run(stock::Reserve{"k1", order, 2'000});
  run(stock::Reserve{"k2", order, 3'000});
  run(stock::Release{"k1", order, stock::StockReserved{"k1", order, 2'000}});
  run(stock::Reserve{"k3", order, 90'000});
  run(stock::AdjustStock{-1'000, "broken", {}});
  const auto check = judged();
  EXPECT_THAT(check.faults.kept, IsEmpty());
  EXPECT_EQ(check.checked, 1);
  EXPECT_THAT(holding, ElementsAre(order));
}

TEST_F(UnitVerifyStock, FindsSumsThatAreNotThoseOfTheEvents) {
  run(stock::CreateProduct{"P", "P", {}, true, 10'000});
  run(stock::Reserve{"k1", order, 2'000});
  state.available -= 500;
  EXPECT_THAT(judged().faults.kept, ElementsAre(HasSubstr("are not the 10000 that were adjusted")));
  state.available += 1'000;
  state.held -= 500;
  EXPECT_THAT(judged().faults.kept, ElementsAre(HasSubstr("1500 thousandths held, and 2000 reserved without a release")));
}

// Two releases of one reservation, had the store let the second one pass.
TEST_F(UnitVerifyStock, FindsWhatWasReleasedTwice) {
  run(stock::CreateProduct{"P", "P", {}, true, 10'000});
  run(stock::Reserve{"k1", order, 2'000});
  run(stock::Reserve{"k2", order, 2'000});
  const stock::Release release{"k1", order, stock::StockReserved{"k1", order, 2'000}};
  run(release);
  run(release);
  EXPECT_THAT(judged().faults.kept, ElementsAre(HasSubstr("0 thousandths held, and 2000 reserved without a release")));
}

}  // namespace
}  // namespace edda::maintenance
