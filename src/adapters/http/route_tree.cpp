#include "http/route_tree.hpp"

#include "base/assert.hpp"
#include "http/percent.hpp"

namespace edda::http {

namespace {

bool is_parameter(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

}  // namespace

Route* Router::Tree::Node::find(Method method) const {
  if (method == Method::other) return nullptr;
  Route* exact = routes[static_cast<std::size_t>(method)];
  if (exact == nullptr && method == Method::head) return routes[static_cast<std::size_t>(Method::get)];
  return exact;
}

// One slash at the end is ignored, as the replaced system does.
Router::Tree::Segments Router::Tree::split(std::string_view path) {
  Segments segments;
  segments.reserve(8);
  if (path.ends_with('/')) path.remove_suffix(1);
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    segments.push_back(segment);
    path.remove_prefix(segment.size());
  }
  return segments;
}

void Router::Tree::add(Route& route) {
  EDDA_ASSERT(route.path.starts_with('/') && route.method != Method::other && route.handler != nullptr);
  Node* node = &root_;
  for (const std::string_view segment : split(route.path)) {
    EDDA_ASSERT(!segment.empty());
    auto& next = is_parameter(segment) ? node->parameter : node->children[std::string(segment)];
    if (!next) next = std::make_unique<Node>();
    node = next.get();
  }
  Route*& slot = node->routes[static_cast<std::size_t>(route.method)];
  EDDA_ASSERT(slot == nullptr);
  slot = &route;
}

const Router::Tree::Node* Router::Tree::find(const Node& node, const Segments& segments, std::size_t index,
                                             Method method) {
  if (index == segments.size()) return node.find(method) != nullptr ? &node : nullptr;
  if (const auto child = node.children.find(segments[index]); child != node.children.end()) {
    if (const Node* found = find(*child->second, segments, index + 1, method)) return found;
  }
  if (!node.parameter || segments[index].empty()) return nullptr;
  return find(*node.parameter, segments, index + 1, method);
}

void Router::Tree::collect(const Node& node, const Segments& segments, std::size_t index, Methods& methods) {
  if (index == segments.size()) {
    for (std::size_t i = 0; i < method_count; ++i)
      methods[i] = methods[i] || node.find(static_cast<Method>(i)) != nullptr;
    return;
  }
  if (const auto child = node.children.find(segments[index]); child != node.children.end()) {
    collect(*child->second, segments, index + 1, methods);
  }
  if (node.parameter && !segments[index].empty()) collect(*node.parameter, segments, index + 1, methods);
}

std::string Router::Tree::allow_of(Methods methods) {
  std::string allow;
  for (std::size_t i = 0; i < method_count; ++i) {
    if (!methods[i]) continue;
    if (!allow.empty()) allow += ", ";
    allow += to_string(static_cast<Method>(i));
  }
  return allow;
}

Router::Tree::Match Router::Tree::match(Request& request) const {
  const std::string_view target = request.target;
  Segments segments = split(target.substr(0, target.find('?')));
  if (segments.size() > segments_max) return {};
  // Split before decoding: an encoded slash belongs to its segment.
  std::vector<std::string> decoded;
  decoded.reserve(segments.size());
  for (std::string_view& segment : segments) {
    if (segment.find('%') == std::string_view::npos) continue;
    if (!percent_decode_append(decoded.emplace_back(), segment, false)) return {};
    segment = decoded.back();
  }

  const Node* node = find(root_, segments, 0, request.method);
  if (node == nullptr) {
    Methods methods{};
    collect(root_, segments, 0, methods);
    return {.route = nullptr, .allow = allow_of(methods)};
  }
  Route* route = node->find(request.method);
  const Segments names = split(route->path);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (is_parameter(names[i])) request.path_parameters.add(names[i].substr(1, names[i].size() - 2), segments[i]);
  }
  return {.route = route, .allow = {}};
}

}  // namespace edda::http
