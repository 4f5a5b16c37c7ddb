#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>

#include "base/money.hpp"
#include "cli/commands.hpp"
#include "cli/follow.hpp"
#include "cli/new_key.hpp"
#include "cli/order_item.hpp"

namespace edda::cli {
namespace {

void print_order(const Terminal& terminal, const boost::json::value& order) {
  if (terminal.json) return terminal.line(boost::json::serialize(order));
  Table table({"order", text_at(order, "id")});
  table.add({"status", terminal.paint(text_at(order, "status"))});
  for (const char* field : {"total", "refunded", "shipping_address", "payment_id", "saga_id", "created_at", "updated_at"}) {
    table.add({field, text_at(order, field)});
  }
  for (const auto& item : order.at("items").as_array()) {
    table.add({"item", fmt::format("{} x {} ({}) at {}", text_at(item, "quantity"), text_at(item, "product_name"),
                                   text_at(item, "product_id"), text_at(item, "price"))});
  }
  table.print(terminal);
}

int show_order(const Session& session, const Api& api, const std::string& id) {
  const auto order = api.get("/v1/orders/" + percent_encoded(id));
  if (!order) return session.terminal.error(order.error());
  print_order(session.terminal, *order);
  return exit_ok;
}

int watch(const Session& session, const Api& api, const std::string& id) {
  const auto followed = follow_story(session.terminal, api, id);
  if (!followed) return session.terminal.error(followed.error());
  return show_order(session, api, id);
}

int create(const Session& session, const Api& api, const OrderArguments& arguments) {
  boost::json::array items;
  for (const auto& text : arguments.items) {
    const auto item = parse_item(text, arguments.currency);
    if (!item) return session.terminal.error(item.error());
    items.push_back(boost::json::object{{"product_id", item->product},
                                        {"product_name", item->product},
                                        {"quantity", item->quantity},
                                        {"price", {{"amount", item->price.minor}, {"currency", arguments.currency}}}});
  }
  const boost::json::object body{{"items", std::move(items)}, {"shipping_address", arguments.address}};
  const auto order =
      api.post("/v1/orders", body, {{"Idempotency-Key", arguments.key.empty() ? new_key() : arguments.key}});
  if (!order) return session.terminal.error(order.error());
  const std::string id = text_at(*order, "id");
  if (!arguments.wait) {
    session.terminal.line(session.terminal.json ? boost::json::serialize(*order) : id);
    session.terminal.say(fmt::format("Placed. Follow it: edda order watch {}", id));
    return exit_ok;
  }
  return watch(session, api, id);
}

int list_orders(const Session& session, const Api& api, const OrderArguments& arguments) {
  const auto query = Query()
                         .add("status", arguments.status)
                         .add("created_after", arguments.created_after)
                         .add("limit", std::to_string(arguments.limit))
                         .add("cursor", arguments.cursor);
  const auto page = api.get("/v1/orders" + query.text());
  if (!page) return session.terminal.error(page.error());
  if (session.terminal.json) return session.terminal.line(boost::json::serialize(*page)), exit_ok;
  Table table({"ID", "STATUS", "TOTAL", "CREATED"});
  for (const auto& order : page->at("orders").as_array()) {
    table.add({text_at(order, "id"), text_at(order, "status"), text_at(order, "total"), text_at(order, "created_at")});
  }
  table.print(session.terminal);
  if (text_at(*page, "has_more") == "true") {
    session.terminal.say(fmt::format("More: add --cursor {}", text_at(*page, "next_cursor")));
  }
  return exit_ok;
}

int cancel(const Session& session, const Api& api, const OrderArguments& arguments) {
  boost::json::object body;
  if (!arguments.reason.empty()) body["reason"] = arguments.reason;
  // Whatever happened to the order since somebody looked at it: the person at the keyboard wants it gone.
  const auto order =
      api.post("/v1/orders/" + percent_encoded(arguments.id) + "/cancel", body, {{"If-Match", "*"}, {"Idempotency-Key", new_key()}});
  if (!order) return session.terminal.error(order.error());
  print_order(session.terminal, *order);
  return exit_ok;
}

}  // namespace

// What is asked of an order needs a server that carries it out; looking needs only the store.
int run(const Session& session, const OrderArguments& arguments) {
  if (arguments.action == "list" || arguments.action == "get") {
    const auto access = Access::open(session);
    if (!access) return session.terminal.error(access.error());
    return arguments.action == "list" ? list_orders(session, access->api(), arguments)
                                      : show_order(session, access->api(), arguments.id);
  }
  const auto api = connect(session);
  if (!api) return session.terminal.error(api.error());
  if (arguments.action == "create") return create(session, *api, arguments);
  if (arguments.action == "cancel") return cancel(session, *api, arguments);
  return watch(session, *api, arguments.id);
}

}  // namespace edda::cli
