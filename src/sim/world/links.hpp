#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace edda::sim {

/// What a node reaches over the network. Heartbeats and take-overs go to the database over a connection of their own.
enum class Service : std::uint8_t { store, ownership, gateway, feed, steps };
inline constexpr std::size_t service_count = static_cast<std::size_t>(Service::steps) + 1;

/// Which way nothing gets through. Nobody is told: connections hang.
enum class Cut : std::uint8_t {
  none,
  requests,  ///< nothing arrives at the service
  answers,   ///< the service acts and is not heard
};

/// One machine's connections: a partition cuts this machine off from one service, while others reach it.
class Links {
 public:
  Cut state(Service service) const { return cuts_[static_cast<std::size_t>(service)]; }
  void set(Service service, Cut cut) { cuts_[static_cast<std::size_t>(service)] = cut; }
  void heal() { cuts_ = {}; }

 private:
  std::array<Cut, service_count> cuts_{};
};

/// Of a machine that nothing happens to.
inline const Links whole_links;

}  // namespace edda::sim
