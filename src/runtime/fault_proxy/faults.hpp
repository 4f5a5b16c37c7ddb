#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace edda::fault_proxy {

/// A connection's two directions: from the client to the server, and back.
enum class Way : std::uint8_t { up, down };

/// Faults that are drawn: each direction of each connection goes wrong after so many bytes, again and again. Half of the faults cut the
/// connection; the others halt that direction for a while (all cut it where `stall_max` is 0).
struct RandomFaults {
  std::uint64_t bytes_mean = 0;  ///< between two faults; exponentially distributed
  std::chrono::milliseconds stall_max{0};
};

/// What is wrong with a link at the moment.
struct Faults {
  bool stalled = false;   ///< nothing passes, not even a connection's end; what was sent is held
  bool refusing = false;  ///< no new connections
  std::chrono::milliseconds delay{0};  ///< of each piece of data
  std::array<std::optional<std::uint64_t>, 2> cut_after{};  ///< by Way: each connection is cut when so many more bytes have passed
  std::optional<RandomFaults> random = {};
  std::uint64_t era = 0;      ///< rises with every change
  std::uint64_t budgets = 0;  ///< rises where connections must draw their fates anew
};

/// What a command asks for beside the change of the faults.
enum class Act { nothing, cut, tell };

/// One line of the control protocol: "pass" (all faults end), "cut" (all connections, now), "stall", "refuse", "delay MS",
/// "cut-after up|down BYTES", "random BYTES_MEAN STALL_MS_MAX", "status". Faults add up until "pass".
/// Errors: invalid_argument; the faults are as they were.
Result<Act> apply(std::string_view line, Faults& faults);

/// The faults in words, as the commands name them: "stall delay=50", "none".
std::string to_string(const Faults& faults);

/// How a direction of a connection goes wrong next.
struct Fate {
  std::uint64_t after = 0;  ///< bytes that still pass
  bool cut = true;          ///< else the direction halts for `stall`
  std::chrono::milliseconds stall{0};
};

/// The fate number `nth` of one direction of one connection; nullopt: it lives on. The same arguments have the same fate.
std::optional<Fate> draw_fate(const Faults& faults, std::uint64_t seed, std::uint64_t connection, Way way, std::uint64_t nth);

}  // namespace edda::fault_proxy
