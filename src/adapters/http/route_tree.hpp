#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/router.hpp"

namespace edda::http {

/// The routes by path segments. A static segment beats a parameter; where it leads nowhere the parameter is tried.
class Router::Tree {
 public:
  struct Match {
    Route* route = nullptr;  ///< nullptr: no route of that path has the method
    std::string allow;       ///< then: the methods the path has ("GET, HEAD, POST"), empty for an unknown path
  };

  /// Asserts that the path is well-formed and free for that method.
  void add(Route& route);
  /// Finds the route for the request's target; fills its path parameters when there is one. HEAD falls to GET.
  Match match(Request& request) const;

 private:
  static constexpr std::size_t method_count = static_cast<std::size_t>(Method::other);
  static constexpr std::size_t segments_max = 16;

  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> children;
    std::unique_ptr<Node> parameter;
    std::array<Route*, method_count> routes{};

    Route* find(Method method) const;
  };
  using Segments = std::vector<std::string_view>;
  using Methods = std::array<bool, method_count>;

  static Segments split(std::string_view path);
  static const Node* find(const Node& node, const Segments& segments, std::size_t index, Method method);
  static void collect(const Node& node, const Segments& segments, std::size_t index, Methods& methods);
  static std::string allow_of(Methods methods);

  Node root_;
};

}  // namespace edda::http
