#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

/// What a saga does, as constexpr data. `checked` (checked.hpp) refuses at compile time what cannot be right.
namespace edda::saga {

using std::chrono::milliseconds;

/// What a step means to the aggregates and to the outside world. The engine only hands it on.
enum class Action {
  charge_payment,
  refund_payment,
  confirm_order,
  cancel_order,
  reserve_stock,
  release_stock,
  await_approval,
};

enum class Kind {
  local,    ///< decided in the same turn
  outside,  ///< asked for in the log, performed by the owner of the shard, answered by a later turn
  wait,     ///< for a signal from outside (an operator, a webhook), until a deadline
};

/// When the tries are used up, or the other side says no for good.
enum class GiveUp {
  compensate,  ///< undo what took effect, in reverse
  park,        ///< wait for an operator, visibly
};

/// Tries in all, and the pause before the next: first, then doubled up to the longest, each with up to half of it added by chance.
struct RetryPolicy {
  int attempts = 5;
  milliseconds first_pause{200};
  milliseconds longest_pause{10'000};
};

/// The semantic undo of a step. Whoever writes a step says what undoes it, or that nothing needs to; silence does not compile.
struct Compensation {
  enum class Need { unstated, none, undo };

  Need need = Need::unstated;
  std::string_view name{};
  Action action = Action::cancel_order;
  Kind kind = Kind::local;
  milliseconds timeout{0};  ///< outside: as of a step
  RetryPolicy retry{};

  static constexpr Compensation none_needed() { return {.need = Need::none}; }
  static constexpr Compensation local(std::string_view name, Action action) {
    return {.need = Need::undo, .name = name, .action = action};
  }
  /// Money that must go back has time: an outside undo has a policy of its own.
  static constexpr Compensation outside(std::string_view name, Action action, milliseconds timeout, RetryPolicy retry) {
    return {Need::undo, name, action, Kind::outside, timeout, retry};
  }
  constexpr bool needed() const { return need == Need::undo; }
};

/// Steps run in the order of their list. Adjacent steps with the same `fork` run as parallel branches, each in the order of the list;
/// what follows the fork waits for all of them.
struct Step {
  std::string_view name;
  Action action;
  Kind kind;
  Compensation compensation{};
  std::uint8_t fork = 0;    ///< 0: none; forks are numbered 1..n
  std::uint8_t branch = 0;  ///< 1..n within the fork; the steps of one branch follow one another
  bool optional = false;    ///< takes part only if SagaStarted.with names it
  bool voidable = false;    ///< outside: a request whose fate is unknown can be voided under its key
  bool skippable = false;   ///< an operator may leave it out
  milliseconds timeout{0};  ///< outside: how long one send may stay without an answer; wait: its deadline
  RetryPolicy retry{};
  /// Outside: how long the other side surely remembers a key (0: for ever). Nothing is sent under a key later than half of it after the
  /// first request: a key that was forgotten would act twice.
  milliseconds key_retention{0};
  GiveUp on_decline = GiveUp::compensate;
  GiveUp on_exhaustion = GiveUp::compensate;
};

/// A saga keeps the version it was started with.
struct Definition {
  std::string_view name;
  int version;
  Compensation undo_start;   ///< undoes the fact that started the saga; local
  milliseconds deadline{0};  ///< after it the saga turns back, as a cancel does (0: none)
  std::span<const Step> steps;
};

/// Both run at the same time: they are of one fork.
constexpr bool same_stage(const Step& a, const Step& b) { return a.fork != 0 && a.fork == b.fork; }

/// The longest that all tries under one key can take: each waits its timeout out, each pause is drawn at its longest.
constexpr milliseconds worst_case(milliseconds timeout, const RetryPolicy& retry) {
  milliseconds sum = timeout * retry.attempts;
  milliseconds pause = retry.first_pause;
  for (int attempt = 1; attempt < retry.attempts; ++attempt) {
    const milliseconds capped = pause < retry.longest_pause ? pause : retry.longest_pause;
    sum += capped + capped / 2;
    pause = capped * 2;
  }
  return sum;
}

}  // namespace edda::saga
