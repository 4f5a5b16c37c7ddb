#include "contract/payment_gateway_contract.hpp"
#include "gateway/simulator.hpp"
#include "unit/temporary_folder.hpp"

namespace edda::contract {
namespace {

class Simulator : public testing::Test {
 protected:
  PaymentGateway& gateway() { return gateway_; }

  test::TemporaryFolder folder_;
  std::unique_ptr<gateway::Ledger> ledger_ = gateway::Ledger::open({.path = folder_.path() / "ledger"}).value();
  testing_support::ManualClock clock_;
  gateway::PaymentSimulator gateway_{
      clock_, *ledger_, {.success_rate = 1, .latency_min = milliseconds(0), .latency_max = milliseconds(0)}};
};

INSTANTIATE_TYPED_TEST_SUITE_P(ContractSimulator, ContractPaymentGateway, Simulator);

}  // namespace
}  // namespace edda::contract
