#include <fmt/format.h>

#include "http/v1_fixture.hpp"

namespace edda::http {
namespace {

class HttpV1Cluster : public V1Test {};

TEST_F(HttpV1Cluster, ShowsNodesAndTheShardsTheyOwn) {
  const auto nodes = operator_.get("/v1/nodes").json();
  EXPECT_EQ(text_at(nodes, "/nodes/0/id"), "node-1");
  EXPECT_TRUE(at(nodes, "/nodes/0/answers").as_bool());
  EXPECT_EQ(at(nodes, "/nodes/0/shards").as_array().size(), harness.store.info().shards);
}

TEST_F(HttpV1Cluster, ShowsHowFarTheFeedIsBehind) {
  place_paid(kim);
  std::int64_t behind = 0;
  for (const auto& shard : at(admin.get("/v1/shards").json(), "/shards").as_array()) {
    EXPECT_EQ(text_at(shard, "/owner"), "node-1");
    EXPECT_EQ(fields_of(shard), "alive epoch lag last_position owner published_position shard since");
    behind += at(shard, "/lag").as_int64();
  }
  EXPECT_GT(behind, 5) << "nobody publishes here";
}

TEST_F(HttpV1Cluster, AreForOperators) {
  for (const auto* path : {"/v1/nodes", "/v1/shards"}) {
    problem_code(kim.get(path), 403);
    problem_code(merchant.get(path), 403);
    EXPECT_EQ(harness.nobody().get(path).status, 401);
  }
}

}  // namespace
}  // namespace edda::http
