#pragma once

#include <string>
#include <utility>

namespace edda::config {

/// A text that no formatter, stream or JSON writer takes: to use it one must say reveal().
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  std::size_t size() const { return value_.size(); }

 private:
  std::string value_;
};

}  // namespace edda::config
