#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>

namespace edda {

/// Work that may wait. Every port returns Task<Result<T>>; nothing is thrown for an expected failure.
template <class T>
using Task = boost::asio::awaitable<T>;

using SteadyTime = std::chrono::steady_clock::time_point;

/// When a wait ends at the latest, on the steady clock of the Clock port.
struct Deadline {
  SteadyTime at;
};

}  // namespace edda
