#include "http/negotiation.hpp"
#include "http/openapi/assets.hpp"
#include "http/problem.hpp"
#include "http/routes/ops_routes.hpp"
#include "http/routes/v1_etag.hpp"

namespace edda::http::ops {
namespace {

bool takes_gzip(const Request& request) {
  const auto encodings = request.header("Accept-Encoding");
  return encodings && encodings->find("gzip") != std::string_view::npos && encodings->find("gzip;q=0") == std::string_view::npos;
}

bool has_copy(const Request& request, const Asset& asset) {
  const auto header = request.header("If-None-Match");
  if (!header) return false;
  const auto list = v1::parse_tags("If-None-Match", *header);
  const auto own = asset.etag.substr(1, asset.etag.size() - 2);
  return list && (list->any || std::ranges::find(list->tags, own, &v1::EntityTag::value) != list->tags.end());
}

Response headed(Response response, const Asset& asset) {
  response.set("ETag", std::string(asset.etag)).set("Cache-Control", "no-cache").set("Vary", "Accept-Encoding");
  if (asset.path.starts_with("/api/docs")) {
    response.set("Content-Security-Policy", std::string(assets_content_security_policy));
  }
  return response;
}

Task<Response> send(const Asset& asset, Request& request) {
  if (has_copy(request, asset)) co_return headed(empty(304), asset);
  Response response;
  response.content_type = asset.content_type;
  // Large files are carried compressed only; a client that says nothing of encodings gets them so as well.
  if (takes_gzip(request) || asset.identity.empty()) {
    response.body = asset.gzip_bytes;
    response.set("Content-Encoding", "gzip");
  } else {
    response.body = asset.identity;
  }
  co_return headed(std::move(response), asset);
}

}  // namespace

void add_docs_routes(Router& router) {
  for (const Asset& asset : assets()) {
    add(router, std::string(asset.path), std::string(asset.name),
        [&asset](Request& request) { return send(asset, request); }, std::string(media_type_of(asset.content_type)));
  }
}

}  // namespace edda::http::ops
