#pragma once

#include <array>

#include "saga/checked.hpp"

/// Small definitions for the engine's tests: a line, a fork, and steps that park.
namespace edda::testing_support {

using saga::Action;
using saga::Compensation;
using saga::Definition;
using saga::GiveUp;
using saga::Kind;
using saga::milliseconds;
using saga::RetryPolicy;
using saga::Step;

inline constexpr milliseconds a_second{1000};
inline constexpr milliseconds an_hour{3'600'000};
inline constexpr RetryPolicy three_tries{
    .attempts = 3, .first_pause = milliseconds(100), .longest_pause = milliseconds(150)};
inline constexpr RetryPolicy two_tries{
    .attempts = 2, .first_pause = milliseconds(100), .longest_pause = milliseconds(100)};

constexpr Step outside_step(std::string_view name, std::string_view undo, std::uint8_t fork = 0,
                            std::uint8_t branch = 0) {
  const auto compensation = undo.empty() ? Compensation::none_needed()
                                         : Compensation::outside(undo, Action::release_stock, a_second, two_tries);
  return {.name = name,
          .action = Action::reserve_stock,
          .kind = Kind::outside,
          .compensation = compensation,
          .fork = fork,
          .branch = branch,
          .voidable = true,
          .timeout = a_second,
          .retry = three_tries};
}
constexpr Step local_step(std::string_view name, Compensation undo = Compensation::none_needed(), std::uint8_t fork = 0,
                          std::uint8_t branch = 0) {
  return {.name = name,
          .action = Action::confirm_order,
          .kind = Kind::local,
          .compensation = undo,
          .fork = fork,
          .branch = branch};
}
constexpr Step wait_step(std::string_view name, std::uint8_t fork = 0, std::uint8_t branch = 0) {
  return {.name = name,
          .action = Action::await_approval,
          .kind = Kind::wait,
          .compensation = Compensation::none_needed(),
          .fork = fork,
          .branch = branch,
          .skippable = true,
          .timeout = an_hour};
}
inline constexpr Compensation undo_of_start = Compensation::local("undo_start", Action::cancel_order);

/// first (voidable, outside undo) -> second (no void, local undo) -> third (local).
inline constexpr std::array line_steps = [] {
  Step second = outside_step("second", "");
  second.voidable = false;
  second.skippable = true;
  second.compensation = Compensation::local("undo_second", Action::cancel_order);
  return std::array{outside_step("first", "undo_first"), second, local_step("third")};
}();
inline constexpr Definition line = saga::checked({"Line", 1, undo_of_start, milliseconds(0), line_steps});

/// (left1 -> left2 | right | approval) -> last, with a deadline.
inline constexpr std::array fork_steps{
    outside_step("left1", "undo_left1", 1, 1), outside_step("left2", "undo_left2", 1, 1),
    outside_step("right", "undo_right", 1, 2), wait_step("approval", 1, 3), outside_step("last", "")};
inline constexpr Definition fork = saga::checked({"Fork", 1, undo_of_start, 10 * an_hour, fork_steps});

/// One step that parks when it is declined or its tries are used up, and whose key is forgotten after two hours.
inline constexpr std::array parking_steps = [] {
  Step only = outside_step("only", "");
  only.voidable = false;
  only.skippable = true;
  only.key_retention = 2 * an_hour;
  only.on_decline = GiveUp::park;
  only.on_exhaustion = GiveUp::park;
  return std::array{only};
}();
inline constexpr Definition parking =
    saga::checked({"Parking", 1, Compensation::none_needed(), milliseconds(0), parking_steps});

/// A key that is forgotten after two hours, on a step that is voided or undone.
inline constexpr std::array forgetting_steps = [] {
  Step only = outside_step("only", "undo_only");
  only.key_retention = 2 * an_hour;
  return std::array{only, local_step("end")};
}();
inline constexpr Definition forgetting =
    saga::checked({"Forgetting", 1, undo_of_start, milliseconds(0), forgetting_steps});

/// A wait that parks.
inline constexpr std::array patient_steps = [] {
  Step patience = wait_step("patience");
  patience.on_decline = GiveUp::park;
  patience.on_exhaustion = GiveUp::park;
  return std::array{patience};
}();
inline constexpr Definition patient =
    saga::checked({"Patient", 1, Compensation::none_needed(), milliseconds(0), patient_steps});

}  // namespace edda::testing_support
