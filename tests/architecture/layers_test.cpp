// The arrows of the architecture, held by reading the sources: what a layer may include, and what may not be named in core.
// docs/architecture.md shows the same table; the last test compares them.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace edda {
namespace {

namespace fs = std::filesystem;
using LayerNames = std::set<std::string>;

const fs::path source_dir = fs::path(EDDA_SOURCE_DIR) / "src";

struct Source {
  std::string name;   ///< "core/saga/engine.cpp"
  std::string layer;  ///< "core", "application", "adapters", "runtime"
  std::string part;   ///< "saga", "sqlite": the folder below the layer
  std::string text;
};

std::vector<Source> sources() {
  std::vector<Source> all;
  for (const auto& entry : fs::recursive_directory_iterator(source_dir)) {
    const auto extension = entry.path().extension();
    if (extension != ".cpp" && extension != ".hpp") continue;
    const fs::path relative = fs::relative(entry.path(), source_dir);
    std::vector<std::string> pieces;
    for (const auto& piece : relative) pieces.push_back(piece.string());
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    all.push_back({relative.string(), pieces[0], pieces.size() > 2 ? pieces[1] : std::string(), text.str()});
  }
  return all;
}

LayerNames folders_of(const std::string& layer) {
  LayerNames names;
  for (const auto& entry : fs::directory_iterator(source_dir / layer))
    if (entry.is_directory()) names.insert(entry.path().filename().string());
  return names;
}

/// The first folder of every include in quotes.
std::vector<std::string> included_folders(const Source& source) {
  static const std::regex include(R"re(#include "([a-z_0-9]+)/)re");
  std::vector<std::string> folders;
  for (std::sregex_iterator it(source.text.begin(), source.text.end(), include), end; it != end; ++it)
    folders.push_back((*it)[1]);
  return folders;
}

TEST(ArchitectureLayers, SourcesAreFound) { EXPECT_GT(sources().size(), 100U); }

TEST(ArchitectureLayers, ArrowsNeverTurnBack) {
  const std::map<std::string, int> height{{"core", 0}, {"application", 1}, {"adapters", 2}, {"runtime", 3}};
  std::map<std::string, std::string> layer_of;
  for (const auto& [layer, rank] : height)
    for (const auto& folder : folders_of(layer)) {
      EXPECT_FALSE(layer_of.contains(folder)) << folder << " stands in " << layer << " and in " << layer_of[folder];
      layer_of[folder] = layer;
    }
  for (const auto& source : sources()) {
    if (!height.contains(source.layer)) continue;
    for (const auto& folder : included_folders(source)) {
      if (!layer_of.contains(folder)) continue;
      EXPECT_LE(height.at(layer_of[folder]), height.at(source.layer)) << source.name << " includes " << folder;
    }
  }
}

TEST(ArchitectureLayers, TheSimulationKnowsOnlyApplicationAndCore) {
  LayerNames above = folders_of("adapters");
  above.merge(folders_of("runtime"));
  for (const auto& source : sources()) {
    const auto folders = included_folders(source);
    for (const auto& folder : folders) {
      if (source.layer == "sim") EXPECT_FALSE(above.contains(folder)) << source.name << " includes " << folder;
      else EXPECT_FALSE(folder == "kernel" || folder == "world" || folder == "cluster" || folder == "check") << source.name << " includes " << folder;
    }
  }
}

TEST(ArchitectureLayers, AdaptersNeverIncludeOneAnother) {
  const LayerNames adapters = folders_of("adapters");
  for (const auto& source : sources()) {
    if (source.layer != "adapters") continue;
    for (const auto& folder : included_folders(source))
      EXPECT_TRUE(!adapters.contains(folder) || folder == source.part) << source.name << " includes " << folder;
  }
}

TEST(ArchitectureLayers, OnlyTheWiringNamesConcreteAdapters) {
  const LayerNames adapters = folders_of("adapters");
  // Each a program of its own, put together from adapters; telemetry is a part that two of them have.
  const LayerNames programs{"wiring", "bench", "paysim", "worker", "copy", "import", "telemetry"};
  for (const auto& source : sources()) {
    if (source.layer != "runtime" || programs.contains(source.part)) continue;
    for (const auto& folder : included_folders(source)) {
      if (source.name == "runtime/main.cpp" && folder == "http") continue;  // the OpenAPI document, for `edda openapi`
      EXPECT_FALSE(adapters.contains(folder)) << source.name << " includes " << folder;
    }
  }
}

TEST(ArchitectureLayers, CoreIsPure) {
  const std::vector<std::string> banned{"<iostream>", "<fstream>", "<thread>",      "<mutex>",       "<random>", "<atomic>",
                                        "<future>",   "asio",      "::now(",        "getenv",        "sqlite",   "openssl",
                                        "rand()",     "std::cout", "std::this_thread", "unordered_map"};
  for (const auto& source : sources()) {
    if (source.layer != "core") continue;
    for (const auto& word : banned)
      EXPECT_EQ(source.text.find(word), std::string::npos) << source.name << " names " << word;
  }
}

TEST(ArchitectureLayers, TheApplicationKnowsNoTechnology) {
  const std::vector<std::string> banned{"sqlite3", "<openssl", "boost/beast", "libpq", "rdkafka", "system_clock::now",
                                        "steady_clock::now", "random_device"};
  for (const auto& source : sources()) {
    if (source.layer != "application") continue;
    for (const auto& word : banned)
      EXPECT_EQ(source.text.find(word), std::string::npos) << source.name << " names " << word;
  }
}

TEST(ArchitectureLayers, HeavyHeadersStayInFewSources) {
  const std::map<std::string, std::size_t> sources_max{{"boost/beast", 4}, {"CLI/", 9}, {"toml++", 2}};
  std::map<std::string, LayerNames> found;
  for (const auto& source : sources())
    for (const auto& [header, most] : sources_max)
      if (source.text.find("#include <" + header) != std::string::npos) found[header].insert(source.name);
  for (const auto& [header, names] : found) {
    EXPECT_LE(names.size(), sources_max.at(header)) << header;
    for (const auto& name : names) EXPECT_TRUE(name.ends_with(".cpp")) << name << " includes " << header;
  }
}

TEST(ArchitectureLayers, FilesStaySmall) {
  for (const auto& source : sources()) {
    const auto lines = std::count(source.text.begin(), source.text.end(), '\n');
    EXPECT_LE(lines, 450) << source.name << ": is it one idea?";
  }
}

TEST(ArchitectureLayers, TheDocumentNamesEveryFolder) {
  std::ostringstream page;
  page << std::ifstream(fs::path(EDDA_SOURCE_DIR) / "docs" / "architecture.md").rdbuf();
  for (const std::string layer : {"core", "application", "adapters", "runtime", "sim"})
    for (const auto& folder : folders_of(layer))
      EXPECT_NE(page.str().find("`" + folder + "/`"), std::string::npos) << "docs/architecture.md leaves out " << layer << "/" << folder;
}

}  // namespace
}  // namespace edda
