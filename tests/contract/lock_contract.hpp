#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <ostream>

#include "ports/lock.hpp"

namespace edda {

/// A lock service under test, room for at least three locks, and its time.
struct LockServiceHolder {
  virtual ~LockServiceHolder() = default;
  virtual LockService& locks() = 0;
  virtual void let_pass(std::chrono::milliseconds time) = 0;
};
struct LockServiceFactory {
  const char* name;
  std::function<std::unique_ptr<LockServiceHolder>()> make;

  friend void PrintTo(const LockServiceFactory& factory, std::ostream* out) { *out << factory.name; }
};

/// What every LockService does. An adapter joins by INSTANTIATE_TEST_SUITE_P(ContractNAME, ContractLockService, ...).
class ContractLockService : public testing::TestWithParam<LockServiceFactory> {
 protected:
  void SetUp() override { holder_ = GetParam().make(); }

  bool try_lock(std::string key, std::string token, std::chrono::milliseconds ttl = std::chrono::seconds(1));
  bool renew(std::string key, std::string token, std::chrono::milliseconds ttl = std::chrono::seconds(1));
  bool unlock(std::string key, std::string token);
  bool is_locked(std::string key);
  void let_pass(std::chrono::milliseconds time) { holder_->let_pass(time); }

 private:
  std::unique_ptr<LockServiceHolder> holder_;
};

}  // namespace edda
