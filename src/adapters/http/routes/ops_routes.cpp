#include "http/routes/ops_routes.hpp"

namespace edda::http {

void ops::add(Router& router, std::string path, std::string name, http::Handler handler, std::string produces) {
  Route route;
  route.path = std::move(path);
  route.name = std::move(name);
  route.handler = std::move(handler);
  route.produces = std::move(produces);
  route.is_probe = true;
  router.add(std::move(route));
}

void add_ops_routes(Router& router, Api& api, Operations& operations) {
  ops::add_probe_routes(router, api);
  ops::add_metrics_routes(router, operations.metrics);
  ops::add_docs_routes(router);
}

}  // namespace edda::http
