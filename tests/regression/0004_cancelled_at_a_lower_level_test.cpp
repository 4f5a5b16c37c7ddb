// An order that reserved stock was cancelled through a node that had not heard of the raised feature level yet: it started the cancellation
// of level 1, which knows no stock, and what was reserved stayed reserved for ever.
#include <gtest/gtest.h>

#include "saga/definitions.hpp"
#include "unit/order_story.hpp"

namespace edda {
namespace {

using testing_support::OrderStory;

TEST(RegressionCancelledAtALowerLevel, GivesTheStockBack) {
  OrderStory story;
  story.with = {"stock_reservation"};
  story.place();
  story.answer_at("stock_reservation", saga::Outcome::succeeded);
  story.answer_at("payment_processing", saga::Outcome::succeeded);

  story.feature_level = 1;
  story.cancel();

  EXPECT_EQ(story.last_saga().definition, &saga::order_cancellation);
  EXPECT_EQ(story.last_saga().with, std::vector<std::string>{"stock_release"});
}

TEST(RegressionCancelledAtALowerLevel, OperatorsActOnASagaThatIsThere) {
  OrderStory story;
  story.place();
  story.feature_level = 1;
  EXPECT_EQ(story.operate(saga::OperatorAction::pause).back(), "SagaPaused");
}

}  // namespace
}  // namespace edda
