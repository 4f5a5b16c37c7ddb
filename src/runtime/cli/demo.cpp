#include "cli/demo.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <random>

#include "cli/terminal.hpp"

namespace edda::cli {
namespace {

struct Product {
  const char* id;
  const char* name;
  std::int64_t price;
};
constexpr std::array<Product, 6> demo_products{{{"BOOK-1", "The Prose Edda", 1999},
                                           {"BOOK-2", "The Poetic Edda", 2450},
                                           {"MAP-1", "Map of the nine worlds", 3500},
                                           {"RING-1", "Copy of Draupnir", 12900},
                                           {"HORN-1", "Drinking horn", 4200},
                                           {"RUNE-1", "Set of runes", 1550}}};
/// An order is looked at again when so many newer ones were placed: by then its saga has ended.
constexpr std::size_t follow_up_after = 4;

std::string new_key() {
  std::random_device source;
  return fmt::format("demo-{:08x}{:08x}", source(), source());
}

}  // namespace

const std::vector<DemoUser>& demo_users() {
  static const std::vector<DemoUser> users{{"customer@edda.demo", "customer-demo", "customer"},
                                           {"merchant@edda.demo", "merchant-demo", "merchant"},
                                           {"operator@edda.demo", "operator-demo", "operator"},
                                           {"admin@edda.demo", "administrator-demo", "admin"}};
  return users;
}

Result<void> DemoGenerator::seed_users() {
  for (const auto& user : demo_users()) {
    const boost::json::object login{{"email", user.email}, {"password", user.password}};
    auto registration = login;
    registration["first_name"] = user.role;
    registration["last_name"] = "Demo";
    auto signed_in = admin_.post("/v1/auth/register", registration);
    if (signed_in && user.role != "customer") {
      TRY_VOID(admin_.patch("/v1/users/" + text_at(*signed_in, "user.id"), {{"role", user.role}, {"reason", "demo"}}));
    }
    if (user.role != "customer") continue;
    if (!signed_in) signed_in = admin_.post("/v1/auth/login", login);
    if (!signed_in) return std::unexpected(signed_in.error());
    customer_ = admin_.as(config::Secret(text_at(*signed_in, "access_token")));
  }
  return {};
}

Result<std::string> DemoGenerator::place(bool payable) {
  const auto& product = demo_products[placed_ % demo_products.size()];
  const std::string id = payable ? product.id : fmt::format("PAYMENT_FAIL-{}", product.id);
  const boost::json::object price{{"amount", product.price}, {"currency", "USD"}};
  const boost::json::object body{
      {"items", boost::json::array{boost::json::object{
                    {"product_id", id}, {"product_name", product.name}, {"quantity", 1 + placed_ % 3}, {"price", price}}}},
      {"shipping_address", "1 Saga Street, Reykholt"}};
  TRY(const auto order, customer_.post("/v1/orders", body, {{"Idempotency-Key", new_key()}}));
  return text_at(order, "id");
}

Result<void> DemoGenerator::step() {
  TRY(std::string order, place(placed_ % 5 != 4));
  ++placed_;
  // Every seventh is cancelled at once, while its payment is still on its way.
  if (placed_ % 7 == 0) {
    TRY_VOID(customer_.post("/v1/orders/" + order + "/cancel", {{"reason", "changed my mind"}}, {{"If-Match", "*"}}));
  } else {
    open_.push_back(std::move(order));
  }
  if (open_.size() <= follow_up_after) return {};
  const std::string oldest = open_.front();
  open_.pop_front();
  return follow_up(oldest);
}

Result<void> DemoGenerator::follow_up(const std::string& order) {
  TRY(const auto now, admin_.get("/v1/orders/" + order));
  if (text_at(now, "status") != "paid") return {};
  const std::string target = "/v1/orders/" + order;
  if (placed_ % 4 == 0) {
    const boost::json::object amount{{"amount", 500}, {"currency", "USD"}};
    TRY_VOID(admin_.post(target + "/refunds", {{"amount", amount}, {"reason", "damaged cover"}}, {{"Idempotency-Key", new_key()}}));
  } else if (placed_ % 2 == 0) {
    TRY_VOID(admin_.post(target + "/ship", {}));
    if (placed_ % 3 == 0) TRY_VOID(admin_.post(target + "/deliver", {}));
  }
  return {};
}

}  // namespace edda::cli
