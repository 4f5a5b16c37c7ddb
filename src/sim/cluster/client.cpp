#include "cluster/client.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace edda::sim {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

UserId user_of(int client) {
  UserId user;
  user.value.bytes[0] = 0xC1;
  user.value.bytes[15] = static_cast<std::uint8_t>(client);
  return user;
}

}  // namespace

Client::Client(Surroundings around, const Plan& plan, std::vector<std::unique_ptr<Node>>& nodes, Ledger& ledger, int number)
    : around_(around),
      plan_(plan),
      nodes_(nodes),
      ledger_(ledger),
      actor_(around.kernel.scheduler.make_actor(fmt::format("client{}", number))),
      number_(number),
      user_(user_of(number)),
      clock_(around.kernel, actor_, {}) {}

void Client::start() {
  ++under_way_;
  asio::co_spawn(around_.kernel.executor(actor_), live(), asio::detached);
}

Task<void> Client::sleep(Duration longest) {
  const Duration span = around_.kernel.draws.delay(Stream::workload, 0ms, longest);
  co_await clock_.sleep_until(clock_.steady_now() + span);
}

/// The first client is the merchant, too.
Task<void> Client::make_products() {
  for (int i = 0; i < plan_.tracked_products; ++i) {
    const auto on_hand = (plan_.on_hand_least + static_cast<std::int64_t>(around_.kernel.draws.below(Stream::workload, 40))) * 1'000;
    const orders::ClientKey key{to_string(user_), "products", fmt::format("product-{}", i), 1};
    const Operation<products::Answer> make = [=, this](Life& life, Deadline deadline) {
      return life.products().create({fmt::format("t{}", i), "thing", user_, true, on_hand}, key, deadline);
    };
    for (int asked = 0; asked < asks_max; ++asked) {
      if (co_await request(around_.kernel, actor_, any_node(), make)) break;
      co_await sleep(2s);
    }
  }
}

Task<void> Client::live() {
  if (number_ == 1) co_await make_products();
  for (int i = 0; i < plan_.orders_per_client && !hurried_; ++i) {
    co_await place_one();
    if (!hurried_) co_await sleep(plan_.think_time);
  }
  --under_way_;
}

void Client::hurry() {
  hurried_ = true;
  ++under_way_;
  asio::co_spawn(around_.kernel.executor(actor_), place_the_last(), asio::detached);
}

Task<void> Client::place_the_last() {
  for (int i = 0; i < plan_.orders_after && !actor_.is_cut(); ++i) {
    co_await sleep(2s);
    co_await place_one();
  }
  --under_way_;
}

Node& Client::any_node() { return *nodes_[around_.kernel.draws.below(Stream::workload, nodes_.size())]; }

std::vector<order::Item> Client::draw_items(bool claims) {
  auto& draws = around_.kernel.draws;
  // Few products where they are claimed, so that clients want the same.
  const auto product = draws.below(Stream::workload, claims ? 6 : 50);
  const auto euro = parse_currency("EUR").value();
  const auto tracked = draws.below(Stream::workload, static_cast<std::uint64_t>(plan_.tracked_products) + 1);
  const auto name = tracked > 0 && !claims ? fmt::format("t{}", tracked - 1) : fmt::format("p{}", product);
  std::vector<order::Item> items{{name, "thing", order::Quantity::whole(1 + draws.below(Stream::workload, 3)),
                                  Money{100 + static_cast<std::int64_t>(draws.below(Stream::workload, 10'000)), euro}}};
  return items;
}

orders::ClientKey Client::key_of(const Wish& wish, std::string_view route) const {
  return {to_string(user_), std::string(route), wish.key, wish.number};
}

Client::Command Client::placing(const Wish& wish, std::vector<order::Item> items) const {
  orders::NewOrder order{user_, std::move(items), wish.total.currency, address_of(wish.number), {}, wish.claimed_key};
  if (!wish.key.empty()) order.client_key = key_of(wish, "place");
  return [order = std::move(order)](Life& life, Deadline deadline) { return life.orders().place(order, deadline); };
}

Task<void> Client::place_one() {
  auto& draws = around_.kernel.draws;
  const bool claims = draws.chance(Stream::workload, plan_.claims_permille);
  auto items = draw_items(claims);
  Wish& wish = ledger_.add({});
  wish.user = user_;
  wish.total = orders::total_of(items, items.front().price.currency).value();
  if (claims) wish.claimed_key = orders::product_set_key(items);
  if (!claims || draws.below(Stream::workload, 2) == 1) wish.key = fmt::format("key-{}", wish.number);
  if (!last_key_.empty() && draws.chance(Stream::workload, 50)) {
    wish.key = last_key_;
    wish.misused = true;
  }
  co_await this->wish(wish, placing(wish, std::move(items)));
  if (wish.told != Wish::Told::done) co_return;
  if (!wish.key.empty()) last_key_ = wish.key;
  co_await follow_up(wish);
}

Task<void> Client::follow_up(Wish& placed) {
  auto& draws = around_.kernel.draws;
  const auto next = [&](Wish::Kind kind) -> Wish& {
    Wish& wish = ledger_.add({});
    wish.kind = kind;
    wish.order = placed.order;
    wish.user = user_;
    wish.key = fmt::format("key-{}", wish.number);
    return wish;
  };
  const OrderId order = placed.order;
  if (draws.chance(Stream::workload, plan_.refunds_permille)) {
    co_await sleep(4s);
    Wish& refund = next(Wish::Kind::refund);
    refund.minor = 1 + static_cast<std::int64_t>(draws.below(Stream::workload, static_cast<std::uint64_t>(placed.total.minor)));
    co_await wish(refund, [order, minor = refund.minor, key = key_of(refund, "refund")](Life& life, Deadline deadline) {
      return life.orders().refund(order, minor, "too large", key, deadline);
    });
  }
  if (draws.chance(Stream::workload, plan_.cancels_permille)) {
    co_await sleep(3s);
    Wish& cancel = next(Wish::Kind::cancel);
    co_await wish(cancel, [order, key = key_of(cancel, "cancel")](Life& life, Deadline deadline) {
      return life.orders().cancel(order, "changed my mind", std::nullopt, key, deadline);
    });
  } else if (draws.chance(Stream::workload, 200)) {
    co_await sleep(3s);
    Wish& ship = next(Wish::Kind::ship);
    co_await wish(ship, [order, key = key_of(ship, "ship")](Life& life, Deadline deadline) {
      return life.orders().ship(order, std::nullopt, key, deadline);
    });
    if (ship.told == Wish::Told::done) {
      Wish& deliver = next(Wish::Kind::deliver);
      co_await wish(deliver, [order, key = key_of(deliver, "deliver")](Life& life, Deadline deadline) {
        return life.orders().deliver(order, std::nullopt, key, deadline);
      });
    }
  }
}

Task<void> Client::wish(Wish& wish, Command command) {
  for (int asked = 0; asked < asks_max && !actor_.is_cut(); ++asked) {
    const auto answer = co_await request(around_.kernel, actor_, any_node(), command);
    hear(wish, answer, asked > 0);
    if (wish.told != Wish::Told::nothing) break;
    co_await sleep(2s);
  }
  // Asked once more through another node, a key must give the same answer.
  if (wish.told == Wish::Told::done && !wish.key.empty() && around_.kernel.draws.chance(Stream::workload, 100)) {
    const auto answer = co_await request(around_.kernel, actor_, any_node(), command);
    if (answer) hear(wish, answer, true);
  }
  if (wish.told == Wish::Told::done && around_.kernel.draws.chance(Stream::workload, 300)) co_await read_back(wish);
}

/// A fail-over that drops commits takes back what was told; elsewhere nothing may.
void Client::break_word(std::string invariant, std::string what) {
  if (!plan_.may_lose_acknowledged()) around_.kernel.broken(std::move(invariant), std::move(what));
}

void Client::hear(Wish& wish, const Result<orders::Answer>& answer, bool asked_before) {
  auto& kernel = around_.kernel;
  kernel.note(actor_, "heard", [&] {
    return fmt::format("wish {}: {}", wish.number,
                       answer ? fmt::format("{} v{} {}", to_string(answer->state->order.id), answer->state->order.version.value,
                                            to_string(answer->state->order.status))
                              : fmt::format("{} {} {}", to_string(answer.error().code), answer.error().reason, answer.error().message));
  });
  if (!answer) {
    const Error& error = answer.error();
    if (error.code == Errc::outcome_unknown || error.code == Errc::cancelled) wish.doubtful = true;
    if (error.code == Errc::internal || error.code == Errc::corrupt)
      kernel.broken("P1", fmt::format("wish {} was answered {}: {}", wish.number, to_string(error.code), error.message));
    if (!is_final(error) || wish.told == Wish::Told::done) return;
    // An old client that asked before may have been refused by its own order.
    if (error.reason == "claimed" && asked_before && wish.key.empty()) {
      wish.order = parse_id<OrderId>(error.where).value_or(OrderId{});
      return;
    }
    wish.told = Wish::Told::refused;
    return;
  }
  const auto& order = answer->state->order;
  if (answer->replayed) kernel.saw(Sometimes::idempotent_replay);
  if (answer->replayed && wish.told == Wish::Told::nothing && !wish.doubtful)
    break_word("P1", fmt::format("wish {} was told that nothing was done, and it was", wish.number));
  if (wish.told == Wish::Told::done) {
    if (wish.order != order.id || wish.version != order.version || wish.status != order.status || wish.saga != answer->saga)
      break_word("I2", fmt::format("wish {} was answered twice, and not the same: version {} and {}, {} and {}", wish.number,
                                      wish.version.value, order.version.value, to_string(wish.status), to_string(order.status)));
    return;
  }
  wish.told = Wish::Told::done;
  wish.order = order.id;
  wish.version = order.version;
  wish.status = order.status;
  wish.saga = answer->saga;
}

/// A list is never older than the request that reads it.
Task<void> Client::read_back(Wish& wish) {
  const Operation<std::optional<OrderRecord>> look = [order = wish.order](Life& life, Deadline deadline) {
    return life.views().find_order(order, deadline);
  };
  const auto found = co_await request(around_.kernel, actor_, any_node(), look);
  if (!found) co_return;
  if (!*found || (*found)->row.version < wish.version)
    break_word("I3", fmt::format("wish {} was told version {} of its order, and read {} afterwards", wish.number,
                                            wish.version.value, *found ? (*found)->row.version.value : 0));
}

}  // namespace edda::sim
