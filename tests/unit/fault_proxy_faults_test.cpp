#include "fault_proxy/faults.hpp"

#include <gtest/gtest.h>

#include "fault_proxy/options.hpp"

namespace edda::fault_proxy {
namespace {

using std::chrono::milliseconds;

Faults after(std::initializer_list<std::string_view> lines) {
  Faults faults;
  for (const auto line : lines) EXPECT_TRUE(apply(line, faults)) << line;
  return faults;
}

TEST(UnitFaultProxyFaults, AddUpUntilPass) {
  const Faults faults = after({"stall", "delay 50\n", " refuse ", "cut-after up 1000", "cut-after down 7", "random 4096 200"});
  EXPECT_EQ(to_string(faults), "stall refuse delay=50 cut-after-up=1000 cut-after-down=7 random=4096/200");
  EXPECT_EQ(to_string(after({"stall", "random 1 1", "pass"})), "none");
}

TEST(UnitFaultProxyFaults, AreSeenToHaveChanged) {
  Faults faults = after({"random 1 1"});
  const Faults before = faults;
  EXPECT_EQ(apply("status", faults), Act::tell);
  EXPECT_EQ(faults.era, before.era);
  EXPECT_EQ(apply("pass", faults), Act::nothing);
  EXPECT_GT(faults.era, before.era);
  EXPECT_GT(faults.budgets, before.budgets) << "fates that were drawn are over";
  EXPECT_EQ(apply("cut", faults), Act::cut);
}

TEST(UnitFaultProxyFaults, AreLeftAloneByWhatIsNoCommand) {
  for (const std::string_view line : {"", "stal", "stall now", "delay", "delay x", "delay -1", "delay 3600001", "cut-after 5",
                                      "cut-after sideways 5", "cut-after up 5x", "random 5", "random 5 99999999999999999999"}) {
    Faults faults;
    EXPECT_EQ(apply(line, faults).error().code, Errc::invalid_argument) << line;
    EXPECT_EQ(to_string(faults), "none") << line;
    EXPECT_EQ(faults.era, 0U) << line;
  }
}

TEST(UnitFaultProxyFaults, WithoutARuleConnectionsLiveOn) { EXPECT_FALSE(draw_fate(after({"stall"}), 1, 1, Way::up, 1)); }

TEST(UnitFaultProxyFaults, CutAfterConcernsItsDirection) {
  const Faults faults = after({"cut-after down 10"});
  EXPECT_FALSE(draw_fate(faults, 1, 1, Way::up, 1));
  const Fate fate = draw_fate(faults, 1, 1, Way::down, 1).value();
  EXPECT_EQ(fate.after, 10U);
  EXPECT_TRUE(fate.cut);
}

/// The fates of the first connections, both directions.
std::vector<std::tuple<std::uint64_t, bool, milliseconds>> fates(std::uint64_t seed, std::string_view rule = "random 5000 300") {
  std::vector<std::tuple<std::uint64_t, bool, milliseconds>> drawn;
  for (std::uint64_t connection = 1; connection <= 500; ++connection)
    for (const Way way : {Way::up, Way::down})
      for (std::uint64_t nth = 1; nth <= 4; ++nth) {
        const Fate fate = draw_fate(after({rule}), seed, connection, way, nth).value();
        drawn.emplace_back(fate.after, fate.cut, fate.stall);
      }
  return drawn;
}

TEST(UnitFaultProxyFaults, AreTheSameForTheSameSeedAndOthersForAnother) {
  EXPECT_EQ(fates(7), fates(7));
  EXPECT_NE(fates(7), fates(8));
}

TEST(UnitFaultProxyFaults, DrawnOnesHaveTheirMeanAndBothKinds) {
  double bytes = 0;
  int cuts = 0;
  milliseconds longest{0};
  const auto drawn = fates(7);
  for (const auto& [after_bytes, cut, stall] : drawn) {
    bytes += static_cast<double>(after_bytes);
    cuts += cut ? 1 : 0;
    EXPECT_EQ(stall.count() == 0, cut);
    longest = std::max(longest, stall);
  }
  EXPECT_NEAR(bytes / static_cast<double>(drawn.size()), 5000, 500);
  EXPECT_NEAR(cuts, 2000, 200);
  EXPECT_GT(longest, milliseconds(250));
  EXPECT_LE(longest, milliseconds(300));
  for (const auto& [after_bytes, cut, stall] : fates(7, "random 5000 0")) EXPECT_TRUE(cut);
}

TEST(UnitFaultProxyOptions, ReadsItsCommandLine) {
  const auto options =
      parse_options({"--listen", "127.0.0.1:0", "--to", "postgres:5432", "--control", "[::1]:15433", "--seed", "9"}).value();
  EXPECT_EQ(options.listen.host, "127.0.0.1");
  EXPECT_EQ(options.listen.port, 0);
  EXPECT_EQ(options.to.host, "postgres");
  EXPECT_EQ(options.to.port, 5432);
  EXPECT_EQ(options.control.host, "::1");
  EXPECT_EQ(options.seed, 9U);
  EXPECT_EQ(parse_options({"--listen", "127.0.0.1:0", "--to", "postgres:5432"}).error().exit_code, 2);
  for (const auto* to : {"postgres", ":5432", "postgres:", "postgres:65536", "postgres:x"})
    EXPECT_EQ(parse_options({"--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--to", to}).error().exit_code, 2) << to;
  EXPECT_EQ(parse_options({"--help"}).error().exit_code, 0);
}

}  // namespace
}  // namespace edda::fault_proxy
