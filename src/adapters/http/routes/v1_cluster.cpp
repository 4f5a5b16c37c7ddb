#include "http/routes/cluster.hpp"
#include "http/routes/v1_operators.hpp"
#include "http/routes/v1_render.hpp"

namespace edda::http {
namespace {

using Render = std::string (*)(const owner::ClusterStatus&);

std::string nodes_json(const owner::ClusterStatus& cluster) {
  JsonWriter json;
  json.begin_object().field("at", cluster.at).key("nodes").begin_array();
  for (const std::string& node : cluster.nodes) {
    json.begin_object().field("id", node).field("answers", node == cluster.self).key("shards").begin_array();
    for (const auto& shard : cluster.shards)
      if (shard.owner.node == node) json.value(static_cast<std::int64_t>(shard.owner.shard.value));
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return json.take();
}

void write_shard(JsonWriter& json, const owner::ShardStatus& shard) {
  json.begin_object().field("shard", static_cast<std::int64_t>(shard.owner.shard.value));
  v1::write_text_or_null(json, "owner", shard.owner.node);
  json.field("alive", shard.owner.alive).field("epoch", shard.owner.epoch.value);
  if (shard.owner.since)
    json.field("since", *shard.owner.since);
  else
    json.key("since").raw("null");
  json.field("last_position", shard.last.value);
  if (shard.published)
    json.field("published_position", shard.published->value).field("lag", shard.last.value - shard.published->value);
  else
    json.key("published_position").raw("null").key("lag").raw("null");
  json.end_object();
}

std::string shards_json(const owner::ClusterStatus& cluster) {
  JsonWriter json;
  json.begin_object().field("at", cluster.at).key("shards").begin_array();
  for (const auto& shard : cluster.shards) write_shard(json, shard);
  json.end_array().end_object();
  return json.take();
}

void add(Router& router, Api& api, const LookAtCluster& look, std::string path, std::string name, Render render_status) {
  Route route;
  route.path = std::move(path);
  route.name = std::move(name);
  route.access = v1::staff;
  route.handler = [&api, look, render_status](Request& request) -> Task<Response> {
    const auto status = co_await look(api.deadline());
    if (!status) co_return render(request, status.error());
    co_return json_text(200, render_status(*status));
  };
  router.add(std::move(route));
}

}  // namespace

void add_cluster_routes(Router& router, Api& api, LookAtCluster look) {
  add(router, api, look, "/v1/nodes", "v1ListNodes", &nodes_json);
  add(router, api, look, "/v1/shards", "v1ListShards", &shards_json);
}

}  // namespace edda::http
