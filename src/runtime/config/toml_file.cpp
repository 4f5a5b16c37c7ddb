#include "config/toml_file.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <fstream>
#include <sstream>

namespace edda::config {
namespace {

std::expected<std::string, std::string> text_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* whole = node.as_integer()) return std::to_string(whole->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  return std::unexpected("a text, a number, true or false, or a list of these is wanted here");
}

std::expected<std::string, std::string> list_text(const toml::array& list) {
  std::string joined;
  for (const auto& item : list) {
    const auto text = text_of(item);
    if (!text) return text;
    if (!joined.empty()) joined += ',';
    joined += *text;
  }
  return joined;
}

std::expected<void, Problem> collect(const toml::table& table, const std::string& prefix, const std::string& origin,
                                     std::vector<FileEntry>& entries) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string(name.str());
    if (const auto* inner = node.as_table()) {
      if (auto done = collect(*inner, key + ".", origin, entries); !done) return done;
      continue;
    }
    const auto* list = node.as_array();
    const auto text = list != nullptr ? list_text(*list) : text_of(node);
    const unsigned line = node.source().begin.line;
    if (!text) return std::unexpected(Problem{key, fmt::format("{}:{}", origin, line), text.error()});
    entries.push_back({key, *text, line, list != nullptr});
  }
  return {};
}

}  // namespace

std::expected<std::vector<FileEntry>, Problem> read_toml(const std::filesystem::path& file) {
  const std::string origin = fmt::format("file {}", file.string());
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream content;
  if (!stream || !(content << stream.rdbuf())) {
    // An empty file makes the copy fail, and is a fine configuration.
    if (!stream || !stream.eof()) {
      std::error_code ignored;
      if (std::filesystem::is_regular_file(file, ignored) && std::filesystem::file_size(file, ignored) == 0) return {};
    }
    return std::unexpected(Problem{"", origin, "cannot be read; check that it exists and may be read"});
  }
  try {
    std::vector<FileEntry> entries;
    const toml::table root = toml::parse(content.str(), file.string());
    if (auto done = collect(root, "", origin, entries); !done) return std::unexpected(done.error());
    return entries;
  } catch (const toml::parse_error& error) {
    // The parser's text may quote the line, and the line may hold a secret: only the place is told.
    return std::unexpected(Problem{"", fmt::format("{}:{}:{}", origin, error.source().begin.line, error.source().begin.column),
                                   "this is not TOML; look at quotes, brackets and repeated keys there"});
  }
}

}  // namespace edda::config
