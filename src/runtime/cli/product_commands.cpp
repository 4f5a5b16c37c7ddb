#include <fmt/format.h>

#include <boost/json.hpp>

#include "cli/commands.hpp"
#include "cli/new_key.hpp"

namespace edda::cli {
namespace {

void print_product(const Terminal& terminal, const boost::json::value& product) {
  if (terminal.json) return terminal.line(boost::json::serialize(product));
  Table table({"product", text_at(product, "id")});
  for (const char* field : {"name", "tracked", "on_hand", "available", "held", "merchant_id", "created_at", "updated_at"})
    table.add({field, text_at(product, field)});
  table.print(terminal);
}

int add(const Session& session, const Api& api, const ProductArguments& arguments) {
  const boost::json::object body{{"id", arguments.id},
                                 {"name", arguments.name.empty() ? arguments.id : arguments.name},
                                 {"on_hand", arguments.quantity},
                                 {"tracked", !arguments.untracked}};
  const auto product = api.post("/v1/products", body, {{"Idempotency-Key", new_key()}});
  if (!product) return session.terminal.error(product.error());
  print_product(session.terminal, *product);
  return exit_ok;
}

int stock(const Session& session, const Api& api, const ProductArguments& arguments) {
  boost::json::object body{{"quantity", arguments.quantity}};
  if (!arguments.reason.empty()) body["reason"] = arguments.reason;
  const auto adjusted =
      api.post("/v1/products/" + percent_encoded(arguments.id) + "/stock", body, {{"Idempotency-Key", new_key()}});
  if (!adjusted) return session.terminal.error(adjusted.error());
  if (session.terminal.json) return session.terminal.line(boost::json::serialize(*adjusted)), exit_ok;
  session.terminal.line(fmt::format("{}: {} available", text_at(*adjusted, "product_id"), text_at(*adjusted, "available")));
  return exit_ok;
}

int list_products(const Session& session, const Api& api, const ProductArguments& arguments) {
  const auto query = Query().add("limit", std::to_string(arguments.limit)).add("cursor", arguments.cursor);
  const auto page = api.get("/v1/products" + query.text());
  if (!page) return session.terminal.error(page.error());
  if (session.terminal.json) return session.terminal.line(boost::json::serialize(*page)), exit_ok;
  Table table({"ID", "NAME", "TRACKED", "AVAILABLE", "HELD"});
  for (const auto& product : page->at("products").as_array())
    table.add({text_at(product, "id"), text_at(product, "name"), text_at(product, "tracked"), text_at(product, "available"),
               text_at(product, "held")});
  table.print(session.terminal);
  if (text_at(*page, "has_more") == "true")
    session.terminal.say(fmt::format("More: add --cursor {}", text_at(*page, "next_cursor")));
  return exit_ok;
}

}  // namespace

int run(const Session& session, const ProductArguments& arguments) {
  if (arguments.action == "list") {
    const auto access = Access::open(session);
    if (!access) return session.terminal.error(access.error());
    return list_products(session, access->api(), arguments);
  }
  const auto api = connect(session);
  if (!api) return session.terminal.error(api.error());
  return arguments.action == "add" ? add(session, *api, arguments) : stock(session, *api, arguments);
}

}  // namespace edda::cli
