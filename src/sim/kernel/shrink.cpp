#include "kernel/shrink.hpp"

#include <algorithm>
#include <span>

namespace edda::sim {
namespace {

class Shrinker {
 public:
  Shrinker(DrawList draws, const std::function<bool(const DrawList&)>& fails, ShrinkBudget budget)
      : best_(std::move(draws)), fails_(fails), budget_(budget), until_(std::chrono::steady_clock::now() + budget.time) {}

  Shrunk run() {
    for (bool better = true; better && has_budget();) {
      better = false;
      for (std::size_t stream = 0; stream < stream_count; ++stream) {
        better |= trim(stream);
        better |= by_spans(stream, &Shrinker::cut);
        better |= by_spans(stream, &Shrinker::zero);
        better |= lower(stream);
      }
    }
    return {std::move(best_), runs_};
  }

 private:
  using Change = bool (Shrinker::*)(std::vector<std::uint32_t>&, std::size_t, std::size_t);

  bool has_budget() const { return runs_ < budget_.runs && std::chrono::steady_clock::now() < until_; }

  bool attempt(DrawList candidate) {
    if (!has_budget()) return false;
    ++runs_;
    if (!fails_(candidate)) return false;
    best_ = std::move(candidate);
    return true;
  }

  /// A whole stream of zeroes, or half of one, is the cheapest guess.
  bool trim(std::size_t stream) {
    bool better = false;
    for (std::size_t keep = 0; keep < best_[stream].size() && has_budget();) {
      DrawList candidate = best_;
      candidate[stream].resize(keep);
      if (attempt(std::move(candidate))) {
        better = true;
        break;
      }
      keep = keep == 0 ? best_[stream].size() / 2 : keep + (best_[stream].size() - keep + 1) / 2;
      if (best_[stream].size() - keep < 4) break;
    }
    return better;
  }

  bool cut(std::vector<std::uint32_t>& list, std::size_t begin, std::size_t count) {
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(begin), list.begin() + static_cast<std::ptrdiff_t>(begin + count));
    return true;
  }
  bool zero(std::vector<std::uint32_t>& list, std::size_t begin, std::size_t count) {
    const auto span = std::span(list).subspan(begin, count);
    if (std::ranges::all_of(span, [](auto value) { return value == 0; })) return false;
    std::ranges::fill(span, 0U);
    return true;
  }

  bool by_spans(std::size_t stream, Change change) {
    bool better = false;
    for (std::size_t size = std::max<std::size_t>(best_[stream].size() / 2, 1); has_budget(); size /= 2) {
      // From the end: what comes late depends on all before it, not the other way round.
      for (std::size_t end = best_[stream].size(); end > 0 && has_budget();) {
        const std::size_t begin = end > size ? end - size : 0;
        DrawList candidate = best_;
        if ((this->*change)(candidate[stream], begin, end - begin) && attempt(std::move(candidate))) better = true;
        end = std::min(begin, best_[stream].size());
      }
      // Single numbers of long streams are not worth a run each.
      if (size <= 1 || best_[stream].size() / size > 200) break;
    }
    return better;
  }

  bool lower(std::size_t stream) {
    bool better = false;
    if (best_[stream].size() > 400) return false;
    for (std::size_t i = 0; i < best_[stream].size() && has_budget(); ++i) {
      while (best_[stream][i] > 1 && has_budget()) {
        DrawList candidate = best_;
        candidate[stream][i] /= 2;
        if (!attempt(std::move(candidate))) break;
        better = true;
      }
    }
    return better;
  }

  DrawList best_;
  const std::function<bool(const DrawList&)>& fails_;
  const ShrinkBudget budget_;
  const std::chrono::steady_clock::time_point until_;
  int runs_ = 0;
};

}  // namespace

Shrunk shrink(DrawList draws, const std::function<bool(const DrawList&)>& fails, ShrinkBudget budget) {
  return Shrinker(std::move(draws), fails, budget).run();
}

}  // namespace edda::sim
