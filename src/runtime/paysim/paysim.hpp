#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "paysim/options.hpp"
#include "ports/gateway_ledger.hpp"
#include "ports/task.hpp"

namespace edda::paysim {

/// A simulated payment gateway as a server of its own, with its ledger.
/// Lifecycle: open, start, stop, destroy. Thread-safety: all on the one thread that runs the executor, but for `port` once it has started.
class Paysim {
 public:
  /// Errors: already_exists (another process holds the ledger), corrupt, unavailable, invalid_argument (webhook URL).
  static Result<std::unique_ptr<Paysim>> open(boost::asio::any_io_executor executor, Options options);
  ~Paysim();

  /// Errors: invalid_argument (address), unavailable (port taken).
  Result<void> start();
  std::uint16_t port() const;
  Task<void> stop();

  GatewayLedger& ledger();

 private:
  struct Parts;
  explicit Paysim(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// `edda paysim ARGUMENTS`: serves until SIGINT or SIGTERM. Returns the exit code.
int run_paysim(const std::vector<std::string>& arguments);

}  // namespace edda::paysim
