#include "metrics/registry.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "metrics/text.hpp"

namespace edda::metrics {
namespace {

Reader one_sample(NumberReader read) {
  return [read = std::move(read)] { return std::vector<Sample>{{{}, read()}}; };
}

bool is_name(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  return !text.empty() && letter(text.front()) &&
         std::ranges::all_of(text, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

}  // namespace

template <class I>
bool Family<I>::Less::operator()(std::span<const std::string_view> a, const Key& b) const {
  return std::ranges::lexicographical_compare(a, b);
}
template <class I>
bool Family<I>::Less::operator()(const Key& a, std::span<const std::string_view> b) const {
  return std::ranges::lexicographical_compare(a, b);
}

template <class I>
I& Family<I>::find(std::span<const std::string_view> values) {
  EDDA_ASSERT(values.size() == labels_.size());
  const std::scoped_lock lock(mutex_);
  if (const auto found = series_.find(values); found != series_.end()) return *found->second;
  Key key(values.begin(), values.end());
  if (series_.size() >= series_max) key.assign(labels_.size(), "other");
  auto& place = series_[std::move(key)];
  if (!place) place = make_();
  return *place;
}

template class Family<Counter>;
template class Family<Gauge>;
template class Family<Histogram>;

Registry::Body& Registry::add(std::string name, std::string help, const std::vector<std::string>& labels, Body body) {
  EDDA_ASSERT(is_name(name) && !name.ends_with("_total") && std::ranges::all_of(labels, is_name));
  const std::scoped_lock lock(mutex_);
  const auto [place, fresh] = entries_.emplace(std::move(name), Entry{std::move(help), std::move(body)});
  EDDA_ASSERT(fresh);
  return place->second.body;
}

Family<Counter>& Registry::counters(std::string name, std::string help, std::vector<std::string> labels) {
  auto family = std::make_unique<Family<Counter>>(labels, [] { return std::make_unique<Counter>(); });
  return *std::get<0>(add(std::move(name), std::move(help), labels, std::move(family)));
}

Family<Gauge>& Registry::gauges(std::string name, std::string help, std::vector<std::string> labels) {
  auto family = std::make_unique<Family<Gauge>>(labels, [] { return std::make_unique<Gauge>(); });
  return *std::get<1>(add(std::move(name), std::move(help), labels, std::move(family)));
}

Family<Histogram>& Registry::histograms(std::string name, std::string help, std::vector<std::string> labels,
                                        std::span<const double> bounds) {
  auto family = std::make_unique<Family<Histogram>>(
      labels, [kept = std::vector<double>(bounds.begin(), bounds.end())] { return std::make_unique<Histogram>(kept); });
  return *std::get<2>(add(std::move(name), std::move(help), labels, std::move(family)));
}

Counter& Registry::counter(std::string name, std::string help) {
  return counters(std::move(name), std::move(help), {}).with({});
}
Gauge& Registry::gauge(std::string name, std::string help) {
  return gauges(std::move(name), std::move(help), {}).with({});
}
Histogram& Registry::histogram(std::string name, std::string help, std::span<const double> bounds) {
  return histograms(std::move(name), std::move(help), {}, bounds).with({});
}

void Registry::read_counter(std::string name, std::string help, std::vector<std::string> labels, Reader read) {
  add(std::move(name), std::move(help), labels, Read{true, labels, std::move(read)});
}
void Registry::read_gauge(std::string name, std::string help, std::vector<std::string> labels, Reader read) {
  add(std::move(name), std::move(help), labels, Read{false, labels, std::move(read)});
}
void Registry::read_counter(std::string name, std::string help, NumberReader read) {
  read_counter(std::move(name), std::move(help), {}, one_sample(std::move(read)));
}
void Registry::read_gauge(std::string name, std::string help, NumberReader read) {
  read_gauge(std::move(name), std::move(help), {}, one_sample(std::move(read)));
}

std::string Registry::write(TextFormat format) const {
  struct Visitor {
    MetricsText& text;
    const std::string& name;
    const std::string& help;

    void operator()(const std::unique_ptr<Family<Counter>>& family) {
      text.begin(name, "counter", help);
      const std::scoped_lock lock(family->mutex_);
      for (const auto& [values, counter] : family->series_)
        text.sample("_total", family->labels_, values, static_cast<double>(counter->value()));
    }
    void operator()(const std::unique_ptr<Family<Gauge>>& family) {
      text.begin(name, "gauge", help);
      const std::scoped_lock lock(family->mutex_);
      for (const auto& [values, gauge] : family->series_)
        text.sample("", family->labels_, values, static_cast<double>(gauge->value()));
    }
    void operator()(const std::unique_ptr<Family<Histogram>>& family) {
      text.begin(name, "histogram", help);
      const std::scoped_lock lock(family->mutex_);
      for (const auto& [values, histogram] : family->series_) text.histogram(family->labels_, values, *histogram);
    }
    void operator()(const Read& read) {
      text.begin(name, read.is_counter ? "counter" : "gauge", help);
      for (const Sample& sample : read.read())
        text.sample(read.is_counter ? "_total" : "", read.labels, sample.label_values, sample.value);
    }
  };
  MetricsText text(format);
  const std::scoped_lock lock(mutex_);
  for (const auto& [name, entry] : entries_) std::visit(Visitor{text, name, entry.help}, entry.body);
  return text.finish();
}

}  // namespace edda::metrics
