// A command was stored, and its answer could then not be read: it was answered "unavailable", which promises that nothing was done. Now it
// says that nobody knows.
#include <gtest/gtest.h>

#include <optional>

#include "products/product_service.hpp"
#include "support/forwarding_store.hpp"
#include "unit/owner_node.hpp"

namespace edda {
namespace {

using namespace owner_testing;

/// Stores, and cannot be read.
class BlindStore final : public testing_support::ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  Task<Result<std::vector<RecordedEvent>>> read_stream(StreamId stream, StreamVersion after, std::size_t limit,
                                                       Deadline deadline) override {
    if (blind) co_return fail(Errc::unavailable, "the line is dead");
    co_return co_await ForwardingStore::read_stream(stream, after, limit, deadline);
  }
  bool blind = false;
};

TEST(RegressionUnreadableAnswer, IsNotCalledSurelyNotDone) {
  memory::MemoryEventStore memory;
  BlindStore store(memory);
  ScriptedGateway gateway;
  SteppedClock clock;
  Node node(store, gateway, clock);
  node.start();
  products::ProductService products(node.lane, store);
  node.spawn([](products::ProductService& p) -> Task<void> {
    EXPECT_TRUE(co_await p.create({"P-1", "Lamp", UserId{}, true, 1000}, {}, Node::far()));
  }(products));
  store.blind = true;
  std::optional<Errc> code;
  node.spawn([](products::ProductService& p, std::optional<Errc>& refused) -> Task<void> {
    const auto changed = co_await p.change("P-1", {"Light", std::nullopt}, {}, Node::far());
    if (!changed) refused = changed.error().code;
  }(products, code));
  EXPECT_EQ(code, Errc::outcome_unknown);
}

}  // namespace
}  // namespace edda
