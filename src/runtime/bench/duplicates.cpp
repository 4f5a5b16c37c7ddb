#include "bench/duplicates.hpp"

#include <poll.h>

#include <chrono>
#include <deque>
#include <random>
#include <span>

#include "bench/http_link.hpp"

namespace edda::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds answer_patience{15};

std::string post(std::string_view target, std::string_view token, std::string_view body) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{}", target, token,
      body.size(), body);
}

std::string order_of(std::string_view product) {
  return fmt::format(R"({{"items":[{{"productId":"{}","productName":"The Prose Edda","quantity":1,"price":10}}],)"
                     R"("shippingAddress":"1 Saga Street, Reykholt"}})",
                     product);
}

struct Answer {
  int status = 0;
  std::string body;
  std::uint64_t micros = 0;
};

/// Requests that are sent together, each on a connection of its own; their answers.
class Volley {
 public:
  Result<void> add(const Target& target) { return links_.emplace_back().open(target.address); }

  Result<std::vector<Answer>> fire(std::span<const std::string> requests) {
    const auto begin = Clock::now();
    for (std::size_t i = 0; i < links_.size(); ++i)
      if (!links_[i].send(requests[i])) return lost();
    std::vector<Answer> answers(links_.size());
    std::size_t open = links_.size();
    while (open > 0) {
      if (Clock::now() - begin > answer_patience) return lost();
      TRY_VOID(wait(answers));
      for (std::size_t i = 0; i < links_.size(); ++i) {
        if (answers[i].status != 0) continue;
        const auto state = links_[i].receive();
        if (state == AnswerReader::State::broken) return lost();
        if (state == AnswerReader::State::incomplete) continue;
        const auto time = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin).count();
        answers[i] = {links_[i].answer().status(), std::string(links_[i].answer().body()), static_cast<std::uint64_t>(time)};
        --open;
      }
    }
    return answers;
  }

 private:
  static std::unexpected<Error> lost() { return fail(Errc::unavailable, "A node did not answer an order."); }

  Result<void> wait(const std::vector<Answer>& answers) {
    std::vector<pollfd> readable;
    for (std::size_t i = 0; i < links_.size(); ++i)
      if (answers[i].status == 0) readable.push_back({links_[i].descriptor(), POLLIN, 0});
    if (::poll(readable.data(), readable.size(), 1'000) < 0) return lost();
    return {};
  }

  std::deque<HttpLink> links_;
};

std::uint64_t total_time_ms(std::string_view body) {
  constexpr std::string_view name = R"("totalTime":)";
  const auto at = body.find(name);
  return at == std::string_view::npos ? 0 : std::strtoull(std::string(body.substr(at + name.size(), 12)).c_str(), nullptr, 10);
}

}  // namespace

Result<DuplicatesResult> run_duplicates(const std::vector<Target>& nodes, const std::string& token, std::size_t rounds, std::size_t concurrent) {
  Volley orders;
  std::vector<Volley> locks(nodes.size());
  for (std::size_t i = 0; i < concurrent; ++i) TRY_VOID(orders.add(nodes[i % nodes.size()]));
  for (std::size_t i = 0; i < nodes.size(); ++i) TRY_VOID(locks[i].add(nodes[i]));
  DuplicatesResult result;
  const auto run = std::random_device{}();
  for (; result.rounds < rounds; ++result.rounds) {
    const std::string request = post("/orders", token, order_of(fmt::format("DUPLICATE-{:08x}-{}", run, result.rounds)));
    TRY(const auto answers, orders.fire(std::vector<std::string>(concurrent, request)));
    std::size_t accepted = 0, refused = 0;
    for (const auto& answer : answers) {
      if (answer.status == 201) ++accepted;
      if (answer.status == 409) ++refused;
      (answer.status == 201 ? result.winners : result.losers).record(answer.micros);
    }
    if (accepted == 1 && refused == concurrent - 1) ++result.right;
    const std::string lock = post(fmt::format("/redis-test/lock/bench-{:08x}-{}?duration=0", run, result.rounds), token, "{}");
    TRY(const auto locked, locks[result.rounds % nodes.size()].fire(std::vector<std::string>{lock}));
    if (locked.front().status != 201) continue;  // its route is the administrator's where test routes are closed
    result.lock.record(total_time_ms(locked.front().body) * 1'000);
    result.lock_requests.record(locked.front().micros);
  }
  return result;
}

}  // namespace edda::bench
