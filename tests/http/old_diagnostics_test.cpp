#include <gtest/gtest.h>

#include <boost/json/array.hpp>

#include "http/harness.hpp"

namespace edda::http {
namespace {

class HttpOldDiagnostics : public ApiTest {
 protected:
  Caller nobody = harness.nobody();
};

TEST_F(HttpOldDiagnostics, TheGreetingIsPlainText) {
  const Answer answer = nobody.get("/");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "Hello! NestJS CQRS Saga 프로젝트에 오신 것을 환영합니다! 🚀");
  EXPECT_TRUE(answer.header("Content-Type").starts_with("text/plain"));
}

TEST_F(HttpOldDiagnostics, HealthNamesTheEnvironment) {
  const auto health = nobody.get("/health").json();
  EXPECT_EQ(fields_of(health), "database environment status timestamp");
  EXPECT_EQ(text_at(health, "/status"), "ok");
  EXPECT_EQ(text_at(health, "/environment"), "development");
  EXPECT_EQ(at(health, "/database/connected"), true);
}

TEST_F(HttpOldDiagnostics, DetailedHealthNamesEveryPart) {
  const auto health = nobody.get("/health/detailed").json();
  EXPECT_EQ(fields_of(health), "components database environment memory status timestamp uptimeSeconds version");
  EXPECT_EQ(text_at(health, "/status"), "ok");
  EXPECT_EQ(text_at(health, "/components/1/status"), "not_configured");
}

TEST_F(HttpOldDiagnostics, APartThatIsDownDegradesTheWhole) {
  harness.lifecycle.parts.push_back({"dispatcher", Component::Status::down, "stopped"});
  EXPECT_EQ(text_at(nobody.get("/health/detailed").json(), "/status"), "degraded");
}

TEST_F(HttpOldDiagnostics, DatabaseRoutesAnswerFromTheStore) {
  const auto pool = nobody.get("/db-pool").json();
  EXPECT_EQ(fields_of(pool), "activeConnections isHealthy maxConnections status");
  EXPECT_EQ(at(pool, "/maxConnections"), 20);
  EXPECT_EQ(at(pool, "/isHealthy"), true);
  const auto test = nobody.get("/db-test").json();
  EXPECT_EQ(fields_of(test), "data message status");
  EXPECT_EQ(fields_of(at(test, "/data")), "current_time");
}

TEST_F(HttpOldDiagnostics, KafkaIsNotConfigured) {
  const Answer answer = nobody.get("/kafka-test");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(text_at(answer.json(), "/status"), "error");
  EXPECT_NE(text_at(answer.json(), "/message").find("not configured"), std::string::npos);
}

class HttpOldLockTests : public HttpOldDiagnostics {
 protected:
  /// Somebody else's lock.
  void hold_lock(const std::string& name) {
    EXPECT_TRUE(
        harness.run(harness.locks.try_lock("lock:" + name, "theirs", std::chrono::seconds(3600), harness.deadline()))
            .value());
  }
};

TEST_F(HttpOldLockTests, ALockIsHeldForTheWorkAndReleased) {
  const Answer answer =
      nobody.post("/redis-test/lock/k?duration=1&nodeId=node-1", R"({"duration":2500,"nodeId":"node-7"})");
  EXPECT_EQ(answer.status, 201);
  const auto json = answer.json();
  EXPECT_EQ(fields_of(json), "message result success totalTime");
  EXPECT_EQ(text_at(json, "/message"), "Lock acquired and released successfully by node-7");
  EXPECT_EQ(fields_of(at(json, "/result")), "executedAt message nodeId workDuration");
  EXPECT_EQ(text_at(json, "/result/message"), "Critical section executed by node-7");
  EXPECT_EQ(at(json, "/result/workDuration"), 2500);
  EXPECT_GE(at(json, "/totalTime").as_int64(), 2500);
  EXPECT_EQ(at(nobody.get("/redis-test/lock-status/k").json(), "/isLocked"), false);
}

TEST_F(HttpOldLockTests, AnothersLockIsWaitedForAndNotTaken) {
  hold_lock("k");
  const auto status = nobody.get("/redis-test/lock-status/k").json();
  EXPECT_EQ(fields_of(status), "checkedAt isLocked key");
  EXPECT_EQ(at(status, "/isLocked"), true);
  const Answer answer = nobody.post("/redis-test/lock/k");
  EXPECT_EQ(answer.status, 201);
  const auto json = answer.json();
  EXPECT_EQ(fields_of(json), "error message nodeId success totalTime");
  EXPECT_EQ(text_at(json, "/error"), "Failed to acquire lock: k");
  EXPECT_EQ(text_at(json, "/nodeId"), "node-1");
  EXPECT_GE(at(json, "/totalTime").as_int64(), 2500) << "five more tries, 500 ms apart";
}

TEST_F(HttpOldLockTests, ALockServiceThatRefusesIsAnAnswerNotAnError) {
  for (int i = 0; i < 1000; ++i) hold_lock(std::to_string(i));  // all that it has room for
  const Answer answer = nobody.post("/redis-test/lock/k");
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(text_at(answer.json(), "/error"), "Failed to acquire lock: k");
  EXPECT_EQ(at(nobody.post("/redis-test/saga-creation-test?correlationId=c").json(), "/success"), false);
  EXPECT_EQ(at(nobody.post("/redis-test/manual-lock/k").json(), "/success"), false);
}

TEST_F(HttpOldLockTests, ParametersHaveBounds) {
  EXPECT_EQ(nobody.post("/redis-test/lock/k?duration=30001").status, 400);
  EXPECT_EQ(nobody.post("/redis-test/lock/k?duration=x").status, 400);
  EXPECT_EQ(nobody.post("/redis-test/lock/k", R"({"duration":-1})").status, 400);
  EXPECT_EQ(nobody.post("/redis-test/lock/k", R"({"nodeId":7})").status, 400);
  EXPECT_EQ(nobody.post("/redis-test/lock/k?nodeId=").status, 400);
}

TEST_F(HttpOldLockTests, ASagaIsCreatedForShow) {
  const Answer answer = nobody.post("/redis-test/saga-creation-test", R"({"correlationId":"c","nodeId":"node-2"})");
  EXPECT_EQ(answer.status, 201);
  const auto json = answer.json();
  EXPECT_EQ(fields_of(json), "message result success");
  EXPECT_EQ(fields_of(at(json, "/result")), "correlationId createdAt createdBy sagaId");
  EXPECT_EQ(text_at(json, "/result/createdBy"), "node-2");
  EXPECT_EQ(nobody.post("/redis-test/saga-creation-test").status, 400);
}

TEST_F(HttpOldLockTests, ASagaIsNotCreatedUnderAnothersLock) {
  hold_lock("saga_creation:OrderProcessingSaga:c");
  const auto json = nobody.post("/redis-test/saga-creation-test?correlationId=c").json();
  EXPECT_EQ(fields_of(json), "correlationId error nodeId success");
  EXPECT_EQ(text_at(json, "/error"), "Failed to acquire lock: saga_creation:OrderProcessingSaga:c");
}

TEST_F(HttpOldLockTests, ALockByHandIsAcquiredRenewedAndReleased) {
  const Answer answer = nobody.post("/redis-test/manual-lock/k");
  EXPECT_EQ(answer.status, 201);
  const auto json = answer.json();
  EXPECT_EQ(fields_of(json), "lockInfo operations success");
  EXPECT_EQ(text_at(json, "/lockInfo/key"), "lock:k");
  EXPECT_EQ(at(json, "/lockInfo/ttl"), 15000);
  EXPECT_EQ(answer.body.substr(answer.body.find("operations")),
            R"(operations":{"acquired":true,"renewed":true,"released":true}})");
  hold_lock("k");
  EXPECT_EQ(nobody.post("/redis-test/manual-lock/k").body,
            R"({"success":false,"message":"Failed to acquire lock for k"})");
}

}  // namespace
}  // namespace edda::http
