#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "owner/dispatcher.hpp"
#include "ports/event_store.hpp"
#include "ports/log.hpp"
#include "ports/read_models.hpp"
#include "saga/engine.hpp"

namespace edda::owner {

/// What a gateway tells of one step's key without having been asked: a webhook's content, its signature checked.
struct ToldAnswer {
  std::string event_id;  ///< the gateway's; the same for each copy it sends
  std::string key;       ///< "<saga id>/<step>/<direction>"
  saga::Outcome outcome = saga::Outcome::unknown;
  std::string reference;
  std::string reason;
  std::optional<Money> amount;  ///< of a charge or refund
};

/// What became of it.
enum class Delivery {
  stored,         ///< a turn was stored: the step was still open, or its money came late
  no_news,        ///< the saga knew it already
  doubled,        ///< this event id was here before
  unknown_key,    ///< no step of ours
  not_final,      ///< neither succeeded nor declined: only these are believed
  wrong_amount,   ///< another amount or currency than the step's: ignored, an operator must look
  second_effect,  ///< the charge stands already under another reference: the gateway took the money twice; an operator must look
};
std::string_view to_string(Delivery delivery);
inline constexpr std::array all_deliveries{Delivery::stored,    Delivery::no_news,      Delivery::doubled,      Delivery::unknown_key,
                                           Delivery::not_final, Delivery::wrong_amount, Delivery::second_effect};

/// Brings answers that a gateway sends by itself to the sagas that wait for them, each as a turn like any step's answer. It needs no
/// order among them and no memory: the saga's state absorbs what is late or doubled. That doubles are dropped by their event id (the last
/// ten thousand) only spares the work.
/// Thread-safety: all calls on the dispatcher's thread.
class AnswerDelivery {
 public:
  struct Ports {
    Dispatcher& dispatcher;
    EventStore& store;
    ReadModels& views;
    Log& log;
  };
  explicit AnswerDelivery(Ports ports) : ports_(ports) {}

  /// Errors: those of the store and the lane; nothing was stored then, or nobody knows, and the gateway must send it again.
  Task<Result<Delivery>> deliver(ToldAnswer told, Deadline deadline);

  std::uint64_t count(Delivery delivery) const { return counts_[static_cast<std::size_t>(delivery)]; }

 private:
  Task<Result<Delivery>> judge(const ToldAnswer& told, Deadline deadline);
  void remember(const std::string& event_id);
  void complain(std::string_view what, const ToldAnswer& told);

  Ports ports_;
  std::array<std::uint64_t, all_deliveries.size()> counts_{};
  std::unordered_set<std::string> seen_;
  std::deque<std::string> oldest_first_;
};

}  // namespace edda::owner
