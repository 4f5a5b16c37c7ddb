#include "http/harness.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/json/parse.hpp>

#include "http/raw_client.hpp"

namespace edda::http {

namespace asio = boost::asio;
namespace bj = boost::json;

Task<void> JumpingClock::sleep_until(SteadyTime at) {
  const auto left = std::chrono::duration_cast<microseconds>(at - steady_now());
  if (left.count() > 0) advance(left);
  co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
}

bj::value Answer::json() const {
  boost::system::error_code error;
  bj::value value = bj::parse(body, error);
  EXPECT_FALSE(error) << status << " " << body;
  return value;
}

std::string Answer::header(std::string_view name) const {
  for (std::size_t begin = 0; begin < head.size();) {
    const std::size_t end = std::min(head.find("\r\n", begin), head.size());
    const std::string_view line = std::string_view(head).substr(begin, end - begin);
    if (const auto colon = line.find(':');
        colon != std::string_view::npos && equal_ignoring_case(line.substr(0, colon), name)) {
      return std::string(line.substr(std::min(line.find_first_not_of(' ', colon + 1), line.size())));
    }
    begin = end + 2;
  }
  return {};
}

Answer Caller::call(std::string_view method, std::string_view target, std::string_view body,
                    const std::vector<std::string>& headers) const {
  std::string request = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\n", method, target);
  if (!token_.empty()) request += fmt::format("Authorization: Bearer {}\r\n", token_);
  for (const std::string& header : headers) request += header + "\r\n";
  if (!body.empty()) request += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
  request += "\r\n";
  request += body;
  RawClient client(harness_->port());
  client.send(request);
  const std::string text = client.read_answer();
  Answer answer;
  const std::size_t blank = std::min(text.find("\r\n\r\n"), text.size());
  answer.head = text.substr(0, blank);
  answer.body = text.substr(std::min(blank + 4, text.size()));
  EXPECT_GE(answer.head.size(), 12U) << "no answer to " << method << " " << target;
  if (answer.head.size() >= 12) answer.status = std::stoi(answer.head.substr(9, 3));
  return answer;
}

Harness::Harness(ApiSettings settings, AddRoutes add_more_routes)
    : lane(context_.get_executor(), store, epochs, clock, random, {.node = "node-1"},
           [this](std::shared_ptr<const std::vector<lanes::CommittedTurn>> turns) {
             tracked.on_commit(*turns);
             dispatcher.on_commit(std::move(turns));
             commits.notify();
           }),
      api{orders, products, operators, store, store, accounts, locks, api_clock, random, lifecycle, commits, std::move(settings)} {
  add_authentication(router_, api);
  add_old_routes(router_, api);
  if (add_more_routes) add_more_routes(router_, api);
  dispatcher.connect(lane);
  stock_steps.connect(lane);
  server_ = std::make_unique<Server>(context_.get_executor(), router_, clock, random, ServerOptions{});
  thread_ = std::thread([this] { context_.run(); });
  const auto started = run(dispatcher.start(deadline()));
  EXPECT_TRUE(started.has_value());
  run([](Server& server) -> Task<void> {
    const auto listening = server.start();
    EXPECT_TRUE(listening.has_value());
    co_return;
  }(*server_));
}

Harness::~Harness() {
  gateway.release();
  run([](Harness& harness) -> Task<void> {
    co_await harness.server_->stop(harness.clock.deadline_in(std::chrono::milliseconds(0)));
    co_await harness.dispatcher.stop();
    co_await harness.lane.stop();
  }(*this));
  work_.reset();
  thread_.join();
  server_.reset();
}

Caller Harness::sign_up(const std::string& name, Role role) {
  const std::string email = name + "@example.com";
  const std::string credentials = fmt::format(R"("email":"{}","password":"long enough")", email);
  const auto made =
      nobody().post("/auth/register", fmt::format(R"({{{},"firstName":"{}","lastName":"Test"}})", credentials, name));
  const bj::value registered = made.json();
  const std::string user = text_at(registered, "/user/id");
  if (role == Role::customer) return Caller(*this, text_at(registered, "/accessToken"), user);
  const auto changed = run(accounts.change_access({}, *parse_id<UserId>(user), {.role = role}, deadline()));
  EXPECT_TRUE(changed.has_value());
  const bj::value signed_in = nobody().post("/auth/login", "{" + credentials + "}").json();
  return Caller(*this, text_at(signed_in, "/accessToken"), user);
}

void eventually(std::string_view what, const std::function<bool()>& condition) {
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    ASSERT_LT(std::chrono::steady_clock::now(), give_up) << "never: " << what;
    std::this_thread::yield();
  }
}

bj::value at(const bj::value& json, std::string_view pointer) {
  boost::system::error_code error;
  const bj::value* found = json.find_pointer(pointer, error);
  EXPECT_NE(found, nullptr) << pointer << " in " << json;
  return found != nullptr ? *found : bj::value();
}

std::string text_at(const bj::value& json, std::string_view pointer) {
  const bj::value found = at(json, pointer);
  EXPECT_TRUE(found.is_string()) << pointer << " in " << json;
  return found.is_string() ? std::string(found.get_string()) : std::string();
}

std::string fields_of(const bj::value& json) {
  EXPECT_TRUE(json.is_object()) << json;
  if (!json.is_object()) return {};
  std::vector<std::string> names;
  for (const auto& member : json.get_object()) names.emplace_back(member.key());
  std::ranges::sort(names);
  return fmt::format("{}", fmt::join(names, " "));
}

std::string ApiTest::order_body(std::string_view product, std::string_view price) {
  return fmt::format(
      R"({{"items":[{{"productId":"{}","productName":"Edda","quantity":1,"price":{}}}],"shippingAddress":"1 Saga Street"}})",
      product, price);
}

std::string ApiTest::place(const Caller& caller, std::string_view product, std::string_view price) {
  const Answer placed = caller.post("/orders", order_body(product, price));
  EXPECT_EQ(placed.status, 201) << placed.body;
  return text_at(placed.json(), "/id");
}

void ApiTest::wait_for_status(const Caller& caller, const std::string& order, std::string_view status) {
  eventually(fmt::format("order is {}", status),
             [&] { return text_at(caller.get("/orders/" + order).json(), "/status") == status; });
}

void ApiTest::decline_next_charge() {
  harness.gateway.answer_next(memory::ScriptedGateway::Kind::charge,
                              {saga::Outcome::declined, "", "Insufficient funds or card declined"});
}

}  // namespace edda::http
