// A saga definition that cannot be right does not compile: one wrong definition for each refusal of `checked`, all of them given to the
// compiler at once. Its error must stand in that definition's section and name the refusal.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

namespace edda {
namespace {

namespace fs = std::filesystem;

/// `steps` and `definition` stand in `constexpr std::array steps{...}` and `checked(...)`.
struct Wrong {
  std::string_view refusal;
  std::string_view steps;
  std::string_view definition = R"({"X", 1, Compensation::none_needed(), 0ms, steps})";
};

constexpr std::array wrong{
    Wrong{"a_definition_needs_steps", "local", R"({"X", 1, Compensation::none_needed(), 0ms, {}})"},
    Wrong{"a_step_needs_a_name", R"(with(local, [](Step& s) { s.name = ""; }))"},
    Wrong{"two_steps_share_a_name", "local, local"},
    Wrong{"a_step_must_say_what_undoes_it", R"(with(local, [](Step& s) { s.compensation = {}; }))"},
    Wrong{"the_start_must_say_what_undoes_it", "local", R"({"X", 1, {}, 0ms, steps})"},
    Wrong{"the_undo_of_the_start_must_be_local", "local", R"({"X", 1, outside_undo, 0ms, steps})"},
    Wrong{"an_undo_cannot_wait",
          R"(with(local, [](Step& s) { s.compensation = outside_undo; s.compensation.kind = Kind::wait; }))"},
    Wrong{"an_undo_needs_a_name",
          R"(with(local, [](Step& s) { s.compensation = Compensation::local("", Action::cancel_order); }))"},
    Wrong{"an_outside_step_needs_a_timeout_and_attempts", R"(with(outside, [](Step& s) { s.timeout = 0ms; }))"},
    Wrong{"an_outside_step_needs_a_timeout_and_attempts", R"(with(outside, [](Step& s) { s.retry.attempts = 0; }))"},
    Wrong{"an_outside_undo_needs_a_timeout_and_attempts",
          R"(with(outside, [](Step& s) { s.compensation.timeout = 0ms; }))"},
    Wrong{"an_outside_undo_needs_a_timeout_and_attempts",
          R"(with(outside, [](Step& s) { s.compensation.retry.attempts = 0; }))"},
    Wrong{"a_wait_needs_a_deadline", R"(with(wait, [](Step& s) { s.timeout = 0ms; }))"},
    Wrong{"a_wait_has_nothing_to_undo", R"(with(wait, [](Step& s) { s.compensation = outside_undo; }))"},
    Wrong{"only_an_outside_step_can_be_voided", R"(with(local, [](Step& s) { s.voidable = true; }))"},
    Wrong{"only_an_outside_step_has_a_key_to_forget", R"(with(wait, [](Step& s) { s.key_retention = 24h; }))"},
    // Two tries of a second and a pause of 150 ms take 2150 ms.
    Wrong{"a_key_is_forgotten_before_its_tries_end", R"(with(outside, [](Step& s) { s.key_retention = 4298ms; }))"},
    Wrong{"a_key_is_forgotten_before_its_tries_end",
          R"(with(outside, [](Step& s) { s.key_retention = 5s; s.compensation.timeout = 2s; }))"},
    Wrong{"money_cannot_be_optional_or_skippable",
          R"(with(outside, [](Step& s) { s.action = Action::charge_payment; s.optional = true; }))"},
    Wrong{"money_cannot_be_optional_or_skippable",
          R"(with(outside, [](Step& s) { s.action = Action::refund_payment; s.skippable = true; }))"},
    Wrong{"a_step_can_never_be_reached", R"(at(local, "a", 0, 1))"},
    Wrong{"a_step_can_never_be_reached", R"(at(local, "a", 2, 1), at(local, "b", 2, 2))"},
    Wrong{"a_step_can_never_be_reached", R"(at(local, "a", 1, 1), at(local, "b", 1, 3))"},
    Wrong{"a_step_can_never_be_reached", R"(at(local, "a", 1, 0), at(local, "b", 1, 1))"},
    Wrong{"a_step_can_never_be_reached", R"(at(local, "a", 1, 1), at(local, "b", 1, 2), at(local, "c", 1, 1))"},
    Wrong{"a_step_can_never_be_reached", R"(at(local, "a", 1, 1), at(local, "b", 0, 0), at(local, "c", 1, 2))"},
    Wrong{"a_step_can_never_be_reached", R"(at(local, "a", 1, 1))"},
    Wrong{"the_deadline_is_shorter_than_the_steps_it_must_hold", "outside",
          R"({"X", 1, Compensation::none_needed(), 2149ms, steps})"},
    // The longest branch counts: 2 x 2150 ms.
    Wrong{"the_deadline_is_shorter_than_the_steps_it_must_hold",
          R"(at(outside, "a", 1, 1), at(outside, "b", 1, 1), at(outside, "c", 1, 2))",
          R"({"X", 1, Compensation::none_needed(), 4299ms, steps})"},
    Wrong{"the_deadline_is_shorter_than_the_steps_it_must_hold", "wait, outside",
          R"({"X", 1, Compensation::none_needed(), 1h, steps})"},
};

/// The same pieces, put together so that nothing is wrong: the limits themselves are allowed.
constexpr std::string_view right = R"(
namespace right {
constexpr std::array limits{with(outside, [](Step& s) { s.key_retention = 4300ms; })};
constexpr Definition a = checked({"X", 1, Compensation::none_needed(), 2150ms, limits});
constexpr std::array forks{at(outside, "a", 1, 1), at(outside, "b", 1, 1), at(outside, "c", 1, 2), at(local, "d", 0, 0),
                           at(wait, "e", 2, 1), at(local, "f", 2, 2)};
constexpr Definition b = checked({"X", 1, Compensation::local("undo", Action::cancel_order), 3604300ms, forks});
}
)";

constexpr std::string_view preamble = R"(#include <array>
#include "saga/checked.hpp"
using namespace edda::saga;
using namespace std::chrono_literals;
constexpr RetryPolicy twice{.attempts = 2, .first_pause = 100ms, .longest_pause = 100ms};
constexpr Compensation outside_undo = Compensation::outside("undo", Action::release_stock, 1s, twice);
constexpr Step local{.name = "local", .action = Action::confirm_order, .kind = Kind::local, .compensation = Compensation::none_needed()};
constexpr Step outside{.name = "outside", .action = Action::reserve_stock, .kind = Kind::outside, .compensation = outside_undo,
                       .timeout = 1s, .retry = twice};
constexpr Step wait{.name = "wait", .action = Action::await_approval, .kind = Kind::wait, .compensation = Compensation::none_needed(),
                    .timeout = 1h};
constexpr Step with(Step step, auto change) { change(step); return step; }
constexpr Step at(Step step, const char* name, unsigned char fork, unsigned char branch) {
  step.name = name; step.fork = fork; step.branch = branch; return step;
}
)";

std::string section(std::size_t number) { return "wrong_" + std::to_string(number); }

std::string program() {
  std::string text(preamble);
  text += "#line 1 \"right\"\n";
  text += right;
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    text += "#line 1 \"" + section(i) + "\"\nnamespace " + section(i) + " {\nconstexpr std::array steps{";
    text += wrong[i].steps;
    text += "};\nconstexpr Definition definition = checked(";
    text += wrong[i].definition;
    text += ");\n}\n";
  }
  return text;
}

std::string compile() {
  const fs::path file = fs::temp_directory_path() / ("edda_refusals_" + std::to_string(::getpid()) + ".cpp");
  std::ofstream(file) << program();
  const std::string command = std::string(EDDA_CXX_COMPILER) +
                              " -std=c++2b -fsyntax-only -ferror-limit=0 -fno-caret-diagnostics -I" + EDDA_SOURCE_DIR +
                              "/src/core " + file.string() + " 2>&1";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), &::pclose);
  std::string output;
  std::array<char, 4096> buffer{};
  for (std::size_t read = 0; (read = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) > 0;)
    output.append(buffer.data(), read);
  fs::remove(file);
  return output;
}

/// The compiler's error in that section, with the notes that belong to it; empty if there is none.
std::string error_in(const std::string& output, const std::string& file) {
  const auto begin = output.find("\n" + file + ":");
  if (begin == std::string::npos) return {};
  const auto error = output.find(" error: ", begin);
  const auto end = output.find(" error: ", error + 1);
  return output.substr(begin, end - begin);
}

TEST(ArchitectureSagaDefinitions, WhatCannotBeRightDoesNotCompile) {
  const std::string output = "\n" + compile();
  EXPECT_EQ(error_in(output, "right"), "");
  for (std::size_t i = 0; i < wrong.size(); ++i)
    EXPECT_NE(error_in(output, section(i)).find("'" + std::string(wrong[i].refusal) + "'"), std::string::npos)
        << wrong[i].refusal << " was expected of: " << wrong[i].steps
        << "\nthe compiler said: " << error_in(output, section(i));
  if (HasFailure()) std::printf("%s\n", output.substr(0, 3000).c_str());
}

TEST(ArchitectureSagaDefinitions, EveryRefusalHasAWrongDefinitionHere) {
  std::ifstream header(fs::path(EDDA_SOURCE_DIR) / "src/core/saga/checked.hpp");
  std::size_t refusals = 0;
  for (std::string line; std::getline(header, line);) {
    if (!line.starts_with("void ") || !line.ends_with("();")) continue;
    ++refusals;
    const std::string name = line.substr(5, line.size() - 8);
    EXPECT_TRUE(std::ranges::any_of(wrong, [&](const Wrong& w) { return w.refusal == name; })) << name;
  }
  EXPECT_GE(refusals, 18U);
}

}  // namespace
}  // namespace edda
