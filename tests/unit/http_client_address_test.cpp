#include <gtest/gtest.h>

#include "http/client_address.hpp"

namespace edda::http {

namespace {
std::string client(const std::vector<std::string>& trusted, const char* peer, std::string_view forwarded_for) {
  const auto proxies = TrustedProxies::parse(trusted);
  EXPECT_TRUE(proxies.has_value());
  return proxies->client_of(boost::asio::ip::make_address(peer), forwarded_for);
}
}  // namespace

TEST(UnitClientAddress, BelievesOnlyTrustedProxies) {
  EXPECT_EQ(client({}, "10.0.0.1", "1.2.3.4"), "10.0.0.1");
  EXPECT_EQ(client({"10.0.0.2"}, "10.0.0.1", "1.2.3.4"), "10.0.0.1");
  EXPECT_EQ(client({"10.0.0.1"}, "10.0.0.1", "1.2.3.4"), "1.2.3.4");
  EXPECT_EQ(client({"10.0.0.0/8"}, "10.255.0.1", "1.2.3.4"), "1.2.3.4");
  EXPECT_EQ(client({"10.0.0.0/8"}, "11.0.0.1", "1.2.3.4"), "11.0.0.1");
}

TEST(UnitClientAddress, TakesTheLastAddressThatIsNoProxy) {
  EXPECT_EQ(client({"10.0.0.0/8"}, "10.0.0.1", "9.9.9.9, 1.2.3.4, 10.0.0.2"), "1.2.3.4");
  EXPECT_EQ(client({"10.0.0.0/8"}, "10.0.0.1", ""), "10.0.0.1");
  EXPECT_EQ(client({"10.0.0.0/8"}, "10.0.0.1", "1.2.3.4, junk"), "10.0.0.1");
  EXPECT_EQ(client({"10.0.0.0/8"}, "10.0.0.1", "junk, 10.0.0.2"), "10.0.0.2");
}

TEST(UnitClientAddress, KnowsIpv6AndMappedIpv4) {
  EXPECT_EQ(client({"10.0.0.1"}, "::ffff:10.0.0.1", "2001:db8::7"), "2001:db8::7");
  EXPECT_EQ(client({"fd00::/8"}, "fd12::1", "1.2.3.4"), "1.2.3.4");
  EXPECT_EQ(client({}, "::ffff:10.0.0.1", ""), "10.0.0.1");
  EXPECT_EQ(client({"0.0.0.0/0"}, "2001:db8::1", "1.2.3.4"), "2001:db8::1");
}

TEST(UnitClientAddress, RefusesWhatIsNoBlock) {
  for (const char* text : {"", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8x", "::/129", "10.0.0.0/-1"}) {
    EXPECT_FALSE(TrustedProxies::parse(std::vector<std::string>{text})) << text;
  }
}

}  // namespace edda::http
