#include "check/story.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "saga/definitions.hpp"

namespace edda::sim {
namespace {

/// How one saga's steps fared, from its events alone: the checker trusts no state that the engine keeps.
struct Past {
  std::vector<std::string> completed;    ///< in this order
  std::vector<std::string> compensated;
  std::vector<std::string> unknown;      ///< for now
  std::map<std::string, Timestamp> first_requested;
};

// Half of a gateway's retention: what is parked later is parked for that (R12).
constexpr std::chrono::hours key_good_for{12};

class Reader {
 public:
  Reader(OrderStory& story, std::map<SagaId, Past>& pasts, SagaId saga, Timestamp at)
      : story_(story), past_(pasts[saga]), saga_(saga), at_(at) {}

  void operator()(const saga::SagaStepCompleted& event) {
    past_.completed.push_back(event.step);
    resolved(event.step);
  }
  void operator()(const saga::SagaStepVoided& event) { resolved(event.step); }
  void operator()(const saga::SagaStepDeclined& event) { resolved(event.step); }
  void operator()(const saga::SagaStepUnknown& event) { past_.unknown.push_back(event.step); }
  void operator()(const saga::SagaParked& event) {
    const auto first = past_.first_requested.find(event.step);
    if (first != past_.first_requested.end() && at_ - first->second > key_good_for) ++story_.keys_expired;
  }

  void operator()(const saga::SagaStepRequested& event) {
    past_.first_requested.emplace(event.step, at_);
    if (event.direction != saga::Direction::compensate) return;
    if (!has(past_.completed, event.step)) fault("asks for the undo of {}, which never took effect", event.step);
    if (has(past_.compensated, event.step)) fault("asks again for the undo of {}", event.step);
  }

  // Steps stand in the definition in the order in which stages follow one another, branch after branch: undoing goes from the last to the first.
  void operator()(const saga::SagaStepCompensated& event) {
    if (event.step.empty()) return;  // the start's
    if (!has(past_.completed, event.step)) fault("undid {}, which never took effect", event.step);
    const auto* saga = story_.now.find_saga(saga_);
    const auto own = saga->index_of(event.step);
    for (const auto& step : past_.completed) {
      const auto index = saga->index_of(step);
      if (own && index && *index > *own && saga->step(*index).compensation.needed() && !has(past_.compensated, step))
        fault("undid {} before a step that came after it", event.step);
    }
    past_.compensated.push_back(event.step);
  }

  void operator()(const saga::SagaCompensated&) {
    const auto* saga = story_.now.find_saga(saga_);
    for (const auto& step : past_.completed) {
      const auto index = saga->index_of(step);
      if (index && saga->step(*index).compensation.needed() && !has(past_.compensated, step))
        fault("says it is compensated, but {} was not undone", step);
    }
  }

  void operator()(const saga::SagaStepSkipped& event) {
    if (event.step == saga::stock_release) story_.stock_kept = true;
  }
  void operator()(const saga::SagaActionTaken& event) { story_.acts.push_back(event.reason); }
  void operator()(const saga::SagaSignalled& event) { story_.acts.push_back(event.reason); }

  template <class Other>
  void operator()(const Other&) {}

 private:
  static bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
  }
  void resolved(const std::string& step) {
    if (std::erase(past_.unknown, step) > 0) ++story_.unknown_resolved;
  }
  void fault(fmt::format_string<const std::string&> text, const std::string& step) {
    story_.faults.push_back(fmt::format("saga {} {}", to_string(saga_), fmt::format(text, step)));
  }

  OrderStory& story_;
  Past& past_;
  const SagaId saga_;
  const Timestamp at_;
};

/// I6: nothing is negative, what is held was reserved and not released, each reservation ends once.
class StockReader {
 public:
  explicit StockReader(ProductStory& story) : story_(story) {}

  void operator()(const stock::StockAdjusted& event) { story_.adjusted += event.quantity; }
  void operator()(const stock::StockReserved& event) {
    if (!story_.reserved.emplace(event.key, std::pair(event.order, event.quantity)).second) fault("is reserved twice under " + event.key);
  }
  void operator()(const stock::StockReleased& event) {
    if (story_.reserved.erase(event.key) == 0) fault("is released without a reservation under " + event.key);
  }
  template <class Other>
  void operator()(const Other&) {}

 private:
  void fault(std::string what) {
    if (story_.fault.empty()) story_.fault = std::move(what);
  }
  ProductStory& story_;
};

std::optional<Error> read_product(ProductStory& product, const RecordedEvent& event, const stock::Event& decoded) {
  product.now = stock::evolve(std::move(product.now), decoded);
  if (product.now.version != event.version) return Error{Errc::corrupt, "a product's versions do not follow one another"};
  std::visit(StockReader(product), decoded);
  if (product.now.available < 0 || product.now.held < 0) product.fault = "is below nothing";
  return std::nullopt;
}

}  // namespace

bool is_a_persons(const OrderStory& order) {
  return std::ranges::any_of(order.now.sagas, [](const saga::State& saga) {
    return waits_for_a_person(saga.status) || saga.status == SagaStatus::force_closed;
  });
}

Story tell(const StoreData& data) {
  Story story;
  std::map<SagaId, Past> pasts;
  for (const auto& shard : data.shards) {
    for (const auto& event : shard.log) {
      auto decoded = turn::decode(event);
      if (decoded && std::holds_alternative<stock::Event>(*decoded)) {
        if (auto wrong = read_product(story.products[event.stream], event, std::get<stock::Event>(*decoded))) story.corrupt = wrong->message;
        continue;
      }
      auto& order = story.orders[event.correlation];
      auto applied = decoded ? turn::apply(order.now, event) : std::unexpected(decoded.error());
      if (!applied) {
        story.corrupt = fmt::format("shard {} position {}: {}", shard.log.front().shard.value, event.position.value, applied.error().message);
        return story;
      }
      if (const auto* saga = std::get_if<saga::Event>(&*decoded)) std::visit(Reader(order, pasts, SagaId{event.stream.value}, event.at), *saga);
      if (const auto* changed = std::get_if<order::Event>(&*decoded)) {
        order.statuses.push_back(order.now.order.status);
        if (const auto* created = std::get_if<order::OrderCreated>(changed)) order.address = created->shipping_address;
      }
    }
  }
  return story;
}

}  // namespace edda::sim
