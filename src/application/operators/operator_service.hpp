#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "accounts/account_service.hpp"
#include "lanes/turns.hpp"
#include "orders/order_service.hpp"
#include "ports/log.hpp"
#include "ports/read_models.hpp"

/// What people do about sagas.
namespace edda::operators {

/// Which saga, and of which version it was read (If-Match); any version without.
struct Target {
  SagaId saga;
  OrderId order;
  std::optional<StreamVersion> if_version = {};
};

/// What to do about it; see saga::Operate for what each action needs.
struct Act {
  saga::OperatorAction action = saga::OperatorAction::retry;
  std::string step = {};
  saga::Outcome outcome = saga::Outcome::unknown;
  std::string reference = {};
  std::string batch = {};  ///< the id of the batch that this belongs to, for the audit log
};

/// A word from outside that a step waits for.
struct Word {
  std::string step;
  bool accepted = false;
};

/// Where an action left its saga: right after the action's own turn, also when the answer is a replay.
struct Acted {
  std::shared_ptr<const turn::OrderCase> state;
  SagaRecord saga;
  bool replayed = false;

  const saga::State& folded() const { return *state->find_saga(saga.row.id); }
};

/// Writes an entry of the audit log; AccountService::record is one.
using Audit = std::function<Task<Result<void>>(accounts::Actor actor, std::string action, std::string subject,
                                               std::string details, Deadline deadline)>;
/// `accounts` outlives it.
Audit audit_by(accounts::AccountService& accounts);

/// Acts on one saga. Each action is one turn of the saga's order. It leaves SagaActionTaken or SagaSignalled (who, why) in the saga's own
/// stream, in the same transaction as its consequences, and then an entry "saga.ACTION" in the audit log. If that entry cannot be
/// written, the action stands (its stream tells of it) and the log says so.
///
/// Errors of all calls: rejected, `reason` being a saga::Rejection's name (see refusals.hpp) and the message saying what it means;
/// not_found; version_conflict (Target::if_version); already_exists "idempotency_key_reused"; overloaded, unavailable, outcome_unknown.
/// Thread-safety: callable from any thread.
class OperatorService {
 public:
  struct Ports {
    lanes::Turns& lane;
    EventStore& store;
    Audit audit;
    Clock& clock;
    Random& random;
    Log& log;
  };
  explicit OperatorService(Ports ports) : ports_(std::move(ports)) {}

  /// `actor.reason` is needed: it becomes part of the saga's story. `trace`: of the request.
  Task<Result<Acted>> act(Target target, Act what, accounts::Actor actor, std::optional<orders::ClientKey> key,
                          Deadline deadline, TraceContext trace = {});
  Task<Result<Acted>> signal(Target target, Word word, accounts::Actor actor, std::optional<orders::ClientKey> key,
                             Deadline deadline, TraceContext trace = {});

 private:
  using Stored = std::variant<lanes::Committed, lanes::Replay>;
  Task<Result<Stored>> run(Target target, turn::Command command, std::optional<orders::ClientKey> key, TraceContext trace,
                          Deadline deadline);
  Task<Result<Acted>> answer_of(SagaId saga, Stored stored, Deadline deadline);
  Task<Result<Acted>> answer(SagaId saga, std::shared_ptr<const turn::OrderCase> state, bool replayed, Deadline deadline);
  Task<void> audit(accounts::Actor actor, std::string action, const Target& target, std::string details, TraceContext trace, Deadline deadline);

  Ports ports_;
};

}  // namespace edda::operators
