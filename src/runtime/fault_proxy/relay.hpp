#pragma once

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdint>
#include <memory>
#include <set>

#include "fault_proxy/faults.hpp"
#include "fault_proxy/options.hpp"
#include "ports/task.hpp"

namespace edda::fault_proxy {

/// Awaits, and gives the error code as the first of what comes back: nothing is thrown.
inline constexpr auto as_result = boost::asio::as_tuple(boost::asio::use_awaitable);

class Relay;

/// What all connections of a proxy share.
struct Link {
  Address to;
  std::uint64_t seed = 1;
  Faults faults = {};
  std::set<Relay*> open = {};
  std::uint64_t accepted = 0;
  std::uint64_t cut = 0;  ///< by a fault
  std::array<std::uint64_t, 2> bytes{};  ///< passed on, by Way
};

/// One connection of a client, and ours to the server for it. Holds at most 16 KB in each direction.
/// Thread-safety: all on the one thread that runs the executor.
class Relay : public std::enable_shared_from_this<Relay> {
 public:
  Relay(std::shared_ptr<Link> link, boost::asio::ip::tcp::socket client);
  ~Relay();

  /// Connects and passes on until both sides have ended, or the connection was cut.
  void start();
  /// Resets both sides. Harmless when that is done.
  void cut();
  /// The faults changed: whoever waits looks at them again.
  void wake();

 private:
  using Socket = boost::asio::ip::tcp::socket;
  struct Half {
    Half(Way direction, Socket& source, Socket& target)
        : way(direction), from(source), to(target), timer(source.get_executor()) {}
    Way way;
    Socket& from;
    Socket& to;
    boost::asio::steady_timer timer;
    std::array<char, 16'384> data;
    std::uint64_t budgets = 0;  ///< the faults' when the fate was drawn
    std::uint64_t drawn = 0;
    std::optional<Fate> fate = {};
  };

  Task<void> run();
  Task<bool> connect();
  Task<void> pump(Half& half);
  Task<bool> pass_on(Half& half, std::size_t count);
  Task<void> meet_fate(Half& half);
  Task<void> hold(Half& half);
  Task<void> pause(Half& half, std::chrono::milliseconds length);
  void draw(Half& half);

  const std::shared_ptr<Link> link_;
  const std::uint64_t number_;
  Socket client_;
  Socket server_;
  Half up_;
  Half down_;
  bool open_ = true;
  int ended_ = 0;
};

}  // namespace edda::fault_proxy
