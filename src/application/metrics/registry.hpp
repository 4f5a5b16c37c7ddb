#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "metrics/instruments.hpp"
#include "metrics/text.hpp"

namespace edda::metrics {

/// Instruments of one name, one for each combination of label values.
/// Bounded: the combinations beyond `series_max` share one series whose values are all "other", so that no client can fill the memory.
/// Thread-safety: callable from any thread. The instruments live as long as the registry: keep the reference where a lookup is too dear.
template <class Instrument>
class Family {
 public:
  Family(std::vector<std::string> labels, std::function<std::unique_ptr<Instrument>()> make)
      : labels_(std::move(labels)), make_(std::move(make)) {}

  /// Asserts that there is one value for each label.
  Instrument& with(std::initializer_list<std::string_view> values) { return find({values.begin(), values.size()}); }

 private:
  friend class Registry;
  using Key = std::vector<std::string>;
  struct Less {
    using is_transparent = void;
    bool operator()(std::span<const std::string_view> a, const Key& b) const;
    bool operator()(const Key& a, std::span<const std::string_view> b) const;
    bool operator()(const Key& a, const Key& b) const { return a < b; }
  };
  Instrument& find(std::span<const std::string_view> values);

  const std::vector<std::string> labels_;
  const std::function<std::unique_ptr<Instrument>()> make_;
  mutable std::mutex mutex_;
  std::map<Key, std::unique_ptr<Instrument>, Less> series_;  ///< guarded by mutex_
};

/// Series of one family; a route has a handful of statuses, and there are about a hundred routes.
inline constexpr std::size_t series_max = 1000;

/// A number that somebody else keeps, asked for when the metrics are read.
struct Sample {
  std::vector<std::string> label_values;
  double value = 0;
};
using Reader = std::function<std::vector<Sample>()>;
using NumberReader = std::function<double()>;

/// The metrics of this process, written as text.
///
/// Names follow Prometheus' conventions: "edda_", base units, the unit last; counters are named without "_total", which the text adds.
/// Thread-safety: callable from any thread; readers are called on the thread that writes the text.
class Registry {
 public:
  // Each asserts that the name is well-formed and not taken.
  Counter& counter(std::string name, std::string help);
  Gauge& gauge(std::string name, std::string help);
  Histogram& histogram(std::string name, std::string help, std::span<const double> bounds);
  Family<Counter>& counters(std::string name, std::string help, std::vector<std::string> labels);
  Family<Gauge>& gauges(std::string name, std::string help, std::vector<std::string> labels);
  Family<Histogram>& histograms(std::string name, std::string help, std::vector<std::string> labels,
                                std::span<const double> bounds);
  /// What `read` refers to must live for as long as the metrics are asked for.
  void read_counter(std::string name, std::string help, std::vector<std::string> labels, Reader read);
  void read_gauge(std::string name, std::string help, std::vector<std::string> labels, Reader read);
  /// Of one series, without labels.
  void read_counter(std::string name, std::string help, NumberReader read);
  void read_gauge(std::string name, std::string help, NumberReader read);

  /// All metrics, by name.
  std::string write(TextFormat format) const;

 private:
  struct Read {
    bool is_counter = false;
    std::vector<std::string> labels;
    Reader read;
  };
  using Body = std::variant<std::unique_ptr<Family<Counter>>, std::unique_ptr<Family<Gauge>>,
                            std::unique_ptr<Family<Histogram>>, Read>;
  struct Entry {
    std::string help;
    Body body;
  };
  Body& add(std::string name, std::string help, const std::vector<std::string>& labels, Body body);

  mutable std::mutex mutex_;
  std::map<std::string, Entry> entries_;  ///< guarded by mutex_; what they hold synchronises itself
};

}  // namespace edda::metrics
