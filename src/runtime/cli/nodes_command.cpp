#include <fmt/format.h>

#include <boost/json.hpp>

#include "cli/commands.hpp"

namespace edda::cli {
namespace {

/// What one node owns, in a line.
struct Owned {
  std::string shards;
  std::string since;  ///< of the shard it took last
  std::int64_t lag = 0;
  bool publishes = false;
};

Owned owned_by(const std::string& node, const boost::json::array& shards) {
  Owned owned;
  for (const auto& shard : shards) {
    if (text_at(shard, "owner") != node) continue;
    owned.shards += (owned.shards.empty() ? "" : ",") + text_at(shard, "shard");
    owned.since = std::max(owned.since, text_at(shard, "since"));
    const auto& lag = shard.at("lag");
    owned.publishes = owned.publishes || lag.is_int64();
    if (lag.is_int64()) owned.lag += lag.as_int64();
  }
  return owned;
}

}  // namespace

int run(const Session& session, const NodesArguments&) {
  const auto& terminal = session.terminal;
  const auto access = Access::open(session);
  if (!access) return terminal.error(access.error());
  const auto nodes = access->api().get("/v1/nodes");
  if (!nodes) return terminal.error(nodes.error());
  const auto shards = access->api().get("/v1/shards");
  if (!shards) return terminal.error(shards.error());
  if (terminal.json) {
    terminal.line(boost::json::serialize(boost::json::object{{"nodes", nodes->at("nodes")}, {"shards", shards->at("shards")}}));
    return exit_ok;
  }
  const auto& all = shards->at("shards").as_array();
  Table table({"NODE", "SHARDS", "OWNED SINCE", "EVENTS BEHIND"});
  for (const auto& node : nodes->at("nodes").as_array()) {
    const auto owned = owned_by(text_at(node, "id"), all);
    table.add({text_at(node, "id"), owned.shards, owned.since, owned.publishes ? std::to_string(owned.lag) : "-"});
  }
  const auto free = std::ranges::count_if(all, [](const auto& shard) { return !shard.at("alive").as_bool(); });
  table.print(terminal);
  if (free > 0) terminal.say(fmt::format("{} of {} shards are nobody's just now.", free, all.size()));
  return exit_ok;
}

}  // namespace edda::cli
