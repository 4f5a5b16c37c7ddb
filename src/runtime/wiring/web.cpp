#include "wiring/web.hpp"

#include "config/report.hpp"
#include "gateway/webhook_signature.hpp"
#include "http/routes/cluster.hpp"
#include "wiring/backup.hpp"
#include "wiring/maintenance_work.hpp"
#include "wiring/metrics_of.hpp"
#include "wiring/process_metrics.hpp"
#include "wiring/settings_of.hpp"

namespace edda::wiring {
namespace {

std::optional<http::Webhooks> webhooks_of(const config::Config& config, owner::AnswerDelivery& delivery) {
  if (config.gateway.webhook_secret.empty()) return std::nullopt;
  return http::Webhooks{
      config.gateway.name,
      [secret = config.gateway.webhook_secret](std::string_view signature, std::string_view body, Timestamp now) {
        return gateway::verify_webhook(secret.reveal(), signature, body, now);
      },
      delivery};
}

/// The orders that this node takes are at home in its own shards.
orders::OrderPolicy policy_of(Web::Parts& p) {
  auto policy = order_policy(p.base.config());
  policy.low16 = [&home = p.engine.home](std::uint16_t draw) { return home.low16(draw); };
  return policy;
}

http::ApiSettings settings_of(const Foundation& base) {
  auto settings = api_settings(base.config());
  settings.commit = base.options.commit;
  return settings;
}

}  // namespace

Web::Web(Parts p)
    : products(p.engine.lanes, p.storage.events),
      orders(p.engine.lanes, p.storage.events, p.base.clock, p.base.random,
             [&engine = p.engine] { return engine.dispatcher.keeps_up(); }, &p.engine.tracked,
             policy_of(p)),
      operators({p.engine.lanes, p.storage.events, operators::audit_by(*p.identity.accounts), p.base.clock, p.base.random, p.base.log}),
      batches(p.base.io.get_executor(), operators, p.storage.views, *p.identity.accounts, p.base.clock, p.base.random),
      levels({p.storage.level, operators::audit_by(*p.identity.accounts), p.base.log}, p.base.config().server.node_id),
      log_level({p.base.log, operators::audit_by(*p.identity.accounts), p.base.log}, p.base.config().server.node_id),
      feed(p.storage.events, p.storage.views),
      tasks(p.base.io.get_executor(), p.base.clock, p.base.random),
      delivery({p.engine.dispatcher, p.storage.events, p.storage.views, p.base.log}),
      webhooks(webhooks_of(p.base.config(), delivery)),
      router(http::RouterOptions{.cors_open = p.base.config().http.cors_open}),
      api{orders, products, operators, p.storage.views, p.storage.events, *p.identity.accounts, p.filters.locks(),
          p.base.clock, p.base.random, p.lifecycle, p.engine.commits, settings_of(p.base)},
      operations(operations_of(p)) {
  add_routes(p);
}

http::Operations Web::operations_of(Parts& p) {
  return {.feed = feed,
          .tasks = tasks,
          .batches = batches,
          .levels = levels,
          .log_level = log_level,
          .metrics = p.base.metrics,
          .rebuild = [&base = p.base, &storage = p.storage](
                         maintenance::Progress progress) { return wiring::rebuild(base, storage, std::move(progress)); },
          .verify = [&base = p.base, &storage = p.storage, ledger = p.charging.books()](
                        maintenance::Progress progress) { return wiring::verify(base, storage, ledger, std::move(progress)); },
          .check_sagas = [&base = p.base, &storage = p.storage](
                             maintenance::Progress progress) { return wiring::check_sagas(base, storage, std::move(progress)); },
          .backup = p.storage.copy_store ? maintenance::BackgroundWork([&base = p.base, &storage = p.storage](maintenance::Progress progress) {
            return wiring::back_up(base, storage, std::move(progress));
          })
                                         : nullptr,
          .render_config = [&base = p.base] { return config::json_of(base.loaded); },
          .webhooks = webhooks ? &*webhooks : nullptr};
}

void Web::add_routes(Parts& p) {
  register_process(p.base.metrics, p.base.config().server.data, p.base.clock.now() - p.lifecycle.uptime());
  if (p.storage.copy_store) register_backups(p.base.metrics, [&base = p.base] { return newest_backup(base.config()); });
  register_components(p.base.metrics, p.lifecycle);
  register_log(p.base.metrics, p.base.log);
  register_hashing(p.base.metrics, *p.identity.hashing);
  register_engine(p.base.metrics, p.engine.lanes, p.engine.dispatcher, p.base.clock);
  register_cluster(p.base.metrics, p.engine.keeper, p.engine.publisher.get(), p.base.clock);
  register_webhooks(p.base.metrics, delivery);
  http::add_authentication(router, api);
  if (auto* tracer = p.base.tracer()) router.set_tracer(*tracer);
  http::observe_requests(router, p.base.metrics, p.base.log);
  http::add_old_routes(router, api);
  http::add_v1_routes(router, api, operations);
  http::add_ops_routes(router, api, operations);
  http::add_cluster_routes(router, api, [&base = p.base, &storage = p.storage, &engine = p.engine](Deadline deadline) {
    return owner::cluster_status(engine.keeper.seen(), base.config().server.node_id, storage.events, storage.cursors,
                                 engine.reader(), deadline);
  });
}

Task<void> Web::stop_tasks() {
  co_await tasks.stop();
  co_await batches.stop();
}

}  // namespace edda::wiring
