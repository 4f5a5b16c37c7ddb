#include "memory/scripted_gateway.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

namespace edda::memory {
namespace {

namespace asio = boost::asio;

std::optional<GatewayAnswer> take(std::deque<GatewayAnswer>& answers) {
  if (answers.empty()) return std::nullopt;
  GatewayAnswer answer = std::move(answers.front());
  answers.pop_front();
  return answer;
}

}  // namespace

void ScriptedGateway::answer_next(Kind kind, GatewayAnswer answer) {
  const std::lock_guard lock(mutex_);
  by_kind_[kind].push_back(std::move(answer));
}

void ScriptedGateway::answer_key(std::string key, GatewayAnswer answer) {
  const std::lock_guard lock(mutex_);
  by_key_[std::move(key)].push_back(std::move(answer));
}

void ScriptedGateway::answer_lookup(GatewayAnswer answer) {
  const std::lock_guard lock(mutex_);
  for_lookups_.push_back(std::move(answer));
}

void ScriptedGateway::hold() {
  const std::lock_guard lock(mutex_);
  held_ = true;
}

void ScriptedGateway::release() {
  const std::lock_guard lock(mutex_);
  held_ = false;
  // A timer belongs to its waiter's executor.
  for (auto& waiter : waiters_) asio::post(waiter->get_executor(), [waiter] { waiter->expires_at(SteadyTime::min()); });
  waiters_.clear();
}

std::vector<ScriptedGateway::Call> ScriptedGateway::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

std::vector<std::string> ScriptedGateway::lookups() const {
  const std::lock_guard lock(mutex_);
  return lookups_;
}

std::size_t ScriptedGateway::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiters_.size();
}

Task<GatewayAnswer> ScriptedGateway::charge(ChargeRequest request, Deadline) {
  return serve({Kind::charge, std::move(request.key), request.amount, {}, std::move(request.product_ids), request.trace});
}
Task<GatewayAnswer> ScriptedGateway::refund(RefundRequest request, Deadline) {
  return serve({Kind::refund, std::move(request.key), request.amount, std::move(request.charge_reference), {}, request.trace});
}
Task<GatewayAnswer> ScriptedGateway::void_charge(VoidRequest request, Deadline) {
  return serve({Kind::void_charge, std::move(request.key), {}, std::move(request.charge_key), {}, request.trace});
}

Task<GatewayAnswer> ScriptedGateway::lookup(LookupRequest request, Deadline) {
  const std::lock_guard lock(mutex_);
  lookups_.push_back(request.key);
  if (auto scripted = take(for_lookups_)) co_return *scripted;
  if (const auto found = settled_.find(request.key); found != settled_.end()) co_return found->second;
  co_return GatewayAnswer{saga::Outcome::unknown, {}, "nothing stands under this key"};
}

Task<GatewayAnswer> ScriptedGateway::serve(Call call) {
  const Waiter waiter = record(call, co_await asio::this_coro::executor);
  if (waiter != nullptr) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await waiter->async_wait(asio::as_tuple(asio::use_awaitable));
  }
  const std::lock_guard lock(mutex_);
  if (std::erase(waiters_, waiter) > 0) co_return GatewayAnswer{saga::Outcome::unknown, {}, "cancelled"};
  co_return next_answer(call);
}

ScriptedGateway::Waiter ScriptedGateway::record(const Call& call, const asio::any_io_executor& executor) {
  const std::lock_guard lock(mutex_);
  calls_.push_back(call);
  if (!held_) return nullptr;
  return waiters_.emplace_back(std::make_shared<asio::steady_timer>(executor, SteadyTime::max()));
}

GatewayAnswer ScriptedGateway::next_answer(const Call& call) {
  GatewayAnswer answer = scripted_or_settled(call);
  const bool for_good = answer.outcome == saga::Outcome::succeeded || answer.outcome == saga::Outcome::declined;
  if (for_good) settled_.try_emplace(call.key, answer);
  return answer;
}

GatewayAnswer ScriptedGateway::scripted_or_settled(const Call& call) {
  if (auto scripted = take(by_key_[call.key])) return *scripted;
  if (const auto before = settled_.find(call.key); before != settled_.end()) return before->second;
  if (auto scripted = take(by_kind_[call.kind])) return *scripted;
  return GatewayAnswer{saga::Outcome::succeeded, "ref:" + call.key, {}};
}

}  // namespace edda::memory
