#include "contract/payment_gateway_contract.hpp"
#include "support/paysim_server.hpp"

namespace edda::contract {
namespace {

class HttpPaysim : public testing::Test {
 protected:
  PaymentGateway& gateway() { return server_.gateway(); }

  testing_support::PaysimServer server_;
};

INSTANTIATE_TYPED_TEST_SUITE_P(ContractHttpPaysim, ContractPaymentGateway, HttpPaysim);

}  // namespace
}  // namespace edda::contract
