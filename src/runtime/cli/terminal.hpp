#pragma once

#include <boost/json/value.hpp>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace edda::cli {

/// Where a command writes: data to `out`, everything else to `err`.
struct Terminal {
  std::FILE* out = stdout;
  std::FILE* err = stderr;
  bool json = false;
  bool color = false;

  /// One line to `out`, and flushed: who reads a pipe sees it at once.
  void line(std::string_view text) const;
  /// One line to `err`.
  void say(std::string_view text) const;
  /// "edda: MESSAGE" to `err`; with --json as {"error": {...}}. Returns the exit code that fits.
  int error(const Error& error) const;
  /// A status word in its colour, where colours are wanted.
  std::string paint(std::string_view status) const;
};

/// Columns as wide as their widest cell, for `out`.
class Table {
 public:
  explicit Table(std::vector<std::string> heads) { rows_.push_back(std::move(heads)); }
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  void print(const Terminal& terminal) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// A member as text: a string itself, null as "", money as "19.99 USD", anything else as JSON. Path by dots.
std::string text_at(const boost::json::value& value, std::string_view path);

}  // namespace edda::cli
