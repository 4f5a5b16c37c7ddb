#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cluster/ledger.hpp"
#include "cluster/plan.hpp"
#include "cluster/request.hpp"

namespace edda::sim {

/// Somebody who looks after sagas: now and then acts on one that happens to live, in any of the ways there are, whether or not it makes
/// sense; answers those that wait for an approval. What an outcome is stated to be is true: the gateway's support is asked before.
class Operator {
 public:
  Operator(Surroundings around, const Plan& plan, std::vector<std::unique_ptr<Node>>& nodes, Ledger& ledger);

  void start();
  /// Sets going what is paused and some of what is parked, and from then on only answers what waits for an approval.
  void hurry() { hurried_ = true; }
  /// Has set going what it could.
  bool is_idle() const { return idle_; }
  /// Goes home: hears nothing more.
  void leave();
  bool is_done() const { return done_; }

 private:
  using Deed = Operation<operators::Acted>;

  Task<void> live();
  Task<void> act_on_one();
  Task<void> set_going();
  Task<void> answer_approvals();
  /// Some of the sagas in these states, newest first, as some node lists them; none when it does not answer.
  Task<std::vector<SagaRecord>> look(std::vector<SagaStatus> statuses);
  Task<void> act(const SagaRecord& saga, saga::OperatorAction action, std::string step);
  Task<void> state_outcome(const SagaRecord& saga);
  Task<void> signal(const SagaRecord& saga, bool accepted);
  /// True when it was done.
  Task<bool> carry_out(Act& act, const Deed& deed);
  void break_word(std::string invariant, std::string what);
  void hear(Act& act, const Result<operators::Acted>& answer);
  accounts::Actor as(const Act& act) const;
  orders::ClientKey key_of(const Act& act) const;
  Node& any_node();
  Task<void> sleep(Duration longest);

  // Between two looks at most; doubled while no node answers: nobody looks every few seconds for a whole night.
  static constexpr Duration pause_shortest = std::chrono::seconds(5);
  static constexpr Duration pause_longest = std::chrono::minutes(1);

  Surroundings around_;
  const Plan& plan_;
  std::vector<std::unique_ptr<Node>>& nodes_;
  Ledger& ledger_;
  Actor& actor_;
  const UserId user_;
  SimClock clock_;
  Duration pause_ = pause_shortest;
  bool hurried_ = false;
  bool idle_ = false;
  bool done_ = false;
};

}  // namespace edda::sim
