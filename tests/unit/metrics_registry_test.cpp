#include "metrics/registry.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace edda::metrics {
namespace {

TEST(UnitMetricsRegistry, WritesEachKindAsOpenMetrics) {
  Registry registry;
  registry.counters("edda_turns", "Turns", {"outcome"}).with({"ok"}).add(3);
  registry.gauge("edda_queue", "Waiting").set(-1);
  registry.read_gauge("edda_read", "Read", {"kind"}, [] { return std::vector<Sample>{{{"a"}, 2.5}}; });
  EXPECT_EQ(registry.write(TextFormat::openmetrics),
            "# TYPE edda_queue gauge\n# HELP edda_queue Waiting\nedda_queue -1\n"
            "# TYPE edda_read gauge\n# HELP edda_read Read\nedda_read{kind=\"a\"} 2.5\n"
            "# TYPE edda_turns counter\n# HELP edda_turns Turns\nedda_turns_total{outcome=\"ok\"} 3\n# EOF\n");
}

TEST(UnitMetricsRegistry, AHistogramCountsUpToEachBoundInclusively) {
  Registry registry;
  constexpr std::array bounds{0.5, 1.0};
  auto& histogram = registry.histogram("edda_wait_seconds", "Wait", bounds);
  for (const double value : {0.5, 0.75, 2.0}) histogram.observe(value);
  EXPECT_EQ(registry.write(TextFormat::openmetrics),
            "# TYPE edda_wait_seconds histogram\n# UNIT edda_wait_seconds seconds\n# HELP edda_wait_seconds Wait\n"
            "edda_wait_seconds_bucket{le=\"0.5\"} 1\nedda_wait_seconds_bucket{le=\"1.0\"} 2\n"
            "edda_wait_seconds_bucket{le=\"+Inf\"} 3\nedda_wait_seconds_count 3\nedda_wait_seconds_sum 3.25\n# EOF\n");
}

TEST(UnitMetricsRegistry, ABucketShowsItsLastExemplar) {
  Registry registry;
  constexpr std::array bounds{0.5};
  auto& histogram = registry.histogram("edda_wait_seconds", "Wait", bounds);
  histogram.observe(0.25, {{"trace_id", "a"}, {"request_id", "1"}});
  histogram.observe(0.125, {{"trace_id", ""}, {"request_id", "2"}});
  histogram.observe(0.0625);
  histogram.observe(2);
  const std::string text = registry.write(TextFormat::openmetrics);
  EXPECT_NE(text.find("edda_wait_seconds_bucket{le=\"0.5\"} 3 # {request_id=\"2\"} 0.125\n"), std::string::npos) << text;
  EXPECT_NE(text.find("edda_wait_seconds_bucket{le=\"+Inf\"} 4\n"), std::string::npos) << text;
  histogram.observe(3, {{"trace_id", "b"}, {"request_id", "3"}});
  histogram.observe(4, {{"trace_id", "c"}, {"request_id", std::string(128 - std::string_view("trace_idcrequest_id").size() + 1, 'x')}});
  EXPECT_NE(registry.write(TextFormat::openmetrics).find("{le=\"+Inf\"} 6 # {trace_id=\"b\",request_id=\"3\"} 3\n"), std::string::npos)
      << "longer than is allowed";
}

TEST(UnitMetricsRegistry, WritesTheOlderFormatToo) {
  Registry registry;
  registry.counter("edda_busy_seconds", "Busy").add(3);
  constexpr std::array bounds{0.5};
  registry.histogram("edda_wait_seconds", "Wait", bounds).observe(0.25, {{"trace_id", "a"}});
  EXPECT_EQ(registry.write(TextFormat::prometheus),
            "# TYPE edda_busy_seconds_total counter\n# HELP edda_busy_seconds_total Busy\nedda_busy_seconds_total 3\n"
            "# TYPE edda_wait_seconds histogram\n# HELP edda_wait_seconds Wait\n"
            "edda_wait_seconds_bucket{le=\"0.5\"} 1\nedda_wait_seconds_bucket{le=\"+Inf\"} 1\n"
            "edda_wait_seconds_count 1\nedda_wait_seconds_sum 0.25\n");
  EXPECT_NE(registry.write(TextFormat::openmetrics).find("# UNIT edda_busy_seconds seconds\n"), std::string::npos);
}

TEST(UnitMetricsRegistry, LabelValuesAreEscaped) {
  Registry registry;
  registry.counters("edda_x", "x", {"v"}).with({"a\"b\\c\nd"}).add();
  EXPECT_NE(registry.write(TextFormat::openmetrics).find(R"(edda_x_total{v="a\"b\\c\nd"} 1)"), std::string::npos);
}

TEST(UnitMetricsRegistry, SeriesAreBounded) {
  Registry registry;
  auto& family = registry.counters("edda_x", "x", {"v"});
  for (std::size_t i = 0; i < series_max + 100; ++i) family.with({fmt::format("{}", i)}).add();
  EXPECT_NE(registry.write(TextFormat::openmetrics).find("edda_x_total{v=\"other\"} 100\n"), std::string::npos);
}

}  // namespace
}  // namespace edda::metrics
