#include "cluster/operator.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "lanes/case_loader.hpp"
#include "owner/step_request.hpp"
#include "saga/definitions.hpp"

namespace edda::sim {
namespace {

using namespace std::chrono_literals;
using saga::Direction;
using saga::OperatorAction;
using saga::Outcome;

constexpr std::size_t looked_at_max = 30;

UserId operators_id() {
  UserId user;
  user.value.bytes[0] = 0x0E;
  return user;
}

Sometimes sight_of(OperatorAction action) {
  return static_cast<Sometimes>(static_cast<int>(Sometimes::operator_retry) + static_cast<int>(action));
}

/// The open request whose outcome may be stated; nullptr: none.
const saga::OpenRequest* stated_about(const saga::State* saga) {
  if (saga == nullptr || saga->definition == nullptr) return nullptr;
  for (const auto& open : saga->open)
    if (!open.wait && !open.being_sent()) return &open;
  return nullptr;
}

}  // namespace

Operator::Operator(Surroundings around, const Plan& plan, std::vector<std::unique_ptr<Node>>& nodes, Ledger& ledger)
    : around_(around),
      plan_(plan),
      nodes_(nodes),
      ledger_(ledger),
      actor_(around.kernel.scheduler.make_actor("operator")),
      user_(operators_id()),
      clock_(around.kernel, actor_, {}) {}

void Operator::start() {
  boost::asio::co_spawn(around_.kernel.executor(actor_), live(), boost::asio::detached);
}

void Operator::leave() {
  hurried_ = true;
  actor_.cut();
}

Task<void> Operator::sleep(Duration longest) {
  co_await clock_.sleep_until(clock_.steady_now() + around_.kernel.draws.delay(Stream::workload, 1ms, longest));
}

Task<void> Operator::live() {
  while (!hurried_) {
    co_await sleep(pause_);
    if (!hurried_ && plan_.operator_acts) co_await act_on_one();
    if (!hurried_) co_await answer_approvals();
  }
  co_await set_going();
  while (!actor_.is_cut()) {
    co_await answer_approvals();
    idle_ = true;
    co_await sleep(pause_shortest);
  }
  done_ = true;
}

Node& Operator::any_node() { return *nodes_[around_.kernel.draws.below(Stream::workload, nodes_.size())]; }

accounts::Actor Operator::as(const Act& act) const { return {user_, "operator@example.com", reason_of(act.number)}; }

orders::ClientKey Operator::key_of(const Act& act) const { return {to_string(user_), "operate", reason_of(act.number), 1}; }

Task<std::vector<SagaRecord>> Operator::look(std::vector<SagaStatus> statuses) {
  SagaFilter filter;
  filter.statuses = std::move(statuses);
  ListWindow window;
  window.limit = looked_at_max;
  const Operation<ListPage<SagaRecord>> list = [filter, window](Life& life, Deadline deadline) {
    return life.views().list_sagas(filter, window, deadline);
  };
  auto page = co_await request(around_.kernel, actor_, any_node(), list);
  pause_ = page ? pause_shortest : std::min(pause_ * 2, pause_longest);
  co_return page ? std::move(page->items) : std::vector<SagaRecord>();
}

Task<void> Operator::act_on_one() {
  auto& draws = around_.kernel.draws;
  const bool stuck_ones = draws.below(Stream::workload, 2) == 1;
  std::vector<SagaStatus> statuses{SagaStatus::parked, SagaStatus::paused};
  if (!stuck_ones) statuses = {SagaStatus::started, SagaStatus::compensating};
  const auto sagas = co_await look(std::move(statuses));
  if (sagas.empty()) co_return;
  const SagaRecord& saga = sagas[draws.below(Stream::workload, sagas.size())];
  const auto action = static_cast<OperatorAction>(draws.below(Stream::workload, 8));
  if (action == OperatorAction::state_outcome) co_return co_await state_outcome(saga);
  const bool names_step = action == OperatorAction::skip || draws.below(Stream::workload, 4) == 3;
  co_await act(saga, action, names_step ? saga.row.current_step : "");
}

Task<void> Operator::act(const SagaRecord& saga, OperatorAction action, std::string step) {
  Act& act = ledger_.add_act(saga.row.id);
  operators::Target target{saga.row.id, saga.row.order};
  // One in two does as a careful client does, and says which version it looked at.
  if (around_.kernel.draws.below(Stream::workload, 2) == 1) target.if_version = saga.row.version;
  operators::Act what;
  what.action = action;
  what.step = std::move(step);
  const Deed deed = [target, what, as = as(act), key = key_of(act)](Life& life, Deadline deadline) {
    return life.operators().act(target, what, as, key, deadline);
  };
  if (co_await carry_out(act, deed)) around_.kernel.saw(sight_of(action));
}

/// The truth, as long as the saga is where it was looked at.
Task<void> Operator::state_outcome(const SagaRecord& record) {
  const Operation<lanes::LoadedCase> load = [order = record.row.order](Life& life, Deadline deadline) {
    return lanes::load_case(life.log(), order, deadline);
  };
  const auto loaded = co_await request(around_.kernel, actor_, any_node(), load);
  if (!loaded) co_return;
  const saga::State* saga = loaded->state.find_saga(record.row.id);
  const auto* open = stated_about(saga);
  if (open == nullptr) co_return;
  const auto& step = saga->step(open->step);
  const auto action = open->direction == Direction::compensate ? step.compensation.action : step.action;
  // What happened to stock is asked in no office.
  if (action != saga::Action::charge_payment && action != saga::Action::refund_payment) co_return;
  const auto direction = open->direction == Direction::void_request ? Direction::forward : open->direction;

  Act& act = ledger_.add_act(record.row.id);
  operators::Act what;
  what.action = OperatorAction::state_outcome;
  what.step = step.name;
  what.reference = around_.gateway.settle(owner::step_key(record.row.id, step.name, direction));
  const bool failed = around_.kernel.draws.below(Stream::workload, 2) == 1;
  what.outcome = !what.reference.empty() ? Outcome::succeeded : failed ? Outcome::failed : Outcome::declined;
  const operators::Target target{record.row.id, record.row.order, saga->version};
  const Deed deed = [target, what, as = as(act), key = key_of(act)](Life& life, Deadline deadline) {
    return life.operators().act(target, what, as, key, deadline);
  };
  if (co_await carry_out(act, deed)) around_.kernel.saw(sight_of(what.action));
}

Task<void> Operator::signal(const SagaRecord& saga, bool accepted) {
  Act& act = ledger_.add_act(saga.row.id);
  const operators::Target target{saga.row.id, saga.row.order};
  const operators::Word word{std::string(saga::order_approval), accepted};
  const Deed deed = [target, word, as = as(act), key = key_of(act)](Life& life, Deadline deadline) {
    return life.operators().signal(target, word, as, key, deadline);
  };
  if (co_await carry_out(act, deed)) around_.kernel.saw(accepted ? Sometimes::approved : Sometimes::disapproved);
}

/// What is left paused or parked waits for a person, who is not to have much left.
Task<void> Operator::set_going() {
  for (const auto& saga : co_await look({SagaStatus::paused})) co_await act(saga, OperatorAction::resume, "");
  if (!plan_.operator_acts) co_return;
  for (const auto& saga : co_await look({SagaStatus::parked}))
    if (around_.kernel.draws.below(Stream::workload, 2) == 1) co_await act(saga, OperatorAction::retry, "");
}

Task<void> Operator::answer_approvals() {
  if (plan_.approval_above == 0) co_return;
  for (const auto& saga : co_await look({SagaStatus::started})) {
    // Of parallel steps the list names one: that an approval is awaited, too, only the saga itself tells.
    const bool may_wait = saga.row.current_step == saga::order_approval || saga.row.current_step == saga::stock_reservation;
    if (!may_wait) continue;
    const auto word = around_.kernel.draws.below(Stream::workload, 8);
    if (word == 7 && plan_.operator_acts) co_await act(saga, OperatorAction::skip, saga.row.current_step);
    else co_await signal(saga, word < 6);
  }
}

Task<bool> Operator::carry_out(Act& act, const Deed& deed) {
  for (int asked = 0; asked < asks_max && act.told == Wish::Told::nothing && !actor_.is_cut(); ++asked) {
    if (asked > 0) co_await sleep(2s);
    hear(act, co_await request(around_.kernel, actor_, any_node(), deed));
  }
  // Asked once more through another node, a key must give the same answer.
  if (act.told == Wish::Told::done && around_.kernel.draws.chance(Stream::workload, 100)) {
    const auto again = co_await request(around_.kernel, actor_, any_node(), deed);
    if (again) hear(act, again);
  }
  co_return act.told == Wish::Told::done;
}

/// A fail-over that drops commits takes back what was told; elsewhere nothing may.
void Operator::break_word(std::string invariant, std::string what) {
  if (!plan_.may_lose_acknowledged()) around_.kernel.broken(std::move(invariant), std::move(what));
}

void Operator::hear(Act& act, const Result<operators::Acted>& answer) {
  auto& kernel = around_.kernel;
  kernel.note(actor_, "heard", [&] {
    return fmt::format("act {} on {}: {}", act.number, to_string(act.saga),
                       answer ? fmt::format("{} v{}", to_string(answer->saga.row.status), answer->saga.row.version.value)
                              : fmt::format("{} {}", to_string(answer.error().code), answer.error().reason));
  });
  if (!answer) {
    const Error& error = answer.error();
    if (error.code == Errc::outcome_unknown || error.code == Errc::cancelled) act.doubtful = true;
    if (error.code == Errc::internal || error.code == Errc::corrupt)
      kernel.broken("P1", fmt::format("act {} was answered {}: {}", act.number, to_string(error.code), error.message));
    if (is_final(error)) act.told = Wish::Told::refused;
    return;
  }
  const auto version = answer->saga.row.version;
  if (answer->replayed && act.told == Wish::Told::nothing && !act.doubtful)
    break_word("P1", fmt::format("act {} was told that nothing was done, and it was", act.number));
  if (act.told == Wish::Told::done && act.version != version)
    break_word("I2", fmt::format("act {} was answered twice, and not the same: version {} and {}", act.number, act.version.value, version.value));
  act.told = Wish::Told::done;
  act.version = version;
}

}  // namespace edda::sim
