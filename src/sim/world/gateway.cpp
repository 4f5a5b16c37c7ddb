#include "world/gateway.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace edda::sim {
namespace {

using namespace std::chrono_literals;
using saga::Outcome;

GatewayAnswer unknown(std::string reason) { return {Outcome::unknown, {}, std::move(reason)}; }

}  // namespace

const Gateway::Entry* Gateway::remembered(const std::string& key) {
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  const bool old = kernel_.scheduler.now() - found->second.at > settings_.retention;
  if (!old || kernel_.strength(Fault::gateway_forgets) == 0) return &found->second;
  kernel_.injected(Fault::gateway_forgets, kernel_.scheduler.world(), key);
  return nullptr;
}

std::string Gateway::effect(GatewayEffect::Kind kind, const std::string& key, Money amount, std::string charge) {
  auto reference = fmt::format("{}{}", kind == GatewayEffect::Kind::charge ? "ch_" : "re_", effects_.size() + 1);
  kernel_.note(kernel_.scheduler.world(), "effect", [&] { return fmt::format("{} {} {}", reference, key, amount.minor); });
  effects_.push_back({kind, key, amount, reference, std::move(charge)});
  if (on_effect) on_effect(effects_.back());
  return reference;
}

GatewayAnswer Gateway::again(const std::string& key, const Entry& entry, Money amount) {
  if (entry.amount != amount)
    kernel_.broken("I9", fmt::format("key {} was asked for with another amount ({} and {})", key, entry.amount.minor, amount.minor));
  kernel_.saw(Sometimes::gateway_answered_again);
  return entry.error ? unknown("500 again") : entry.answer;
}

GatewayAnswer Gateway::decide(const std::string& key, Money amount, GatewayAnswer verdict, bool error) {
  entries_[key] = Entry{verdict, amount, error, kernel_.scheduler.now()};
  return error ? unknown("500") : verdict;
}

GatewayAnswer Gateway::charge(const ChargeRequest& request, bool stuck) {
  const bool voided = voided_.contains(request.key);
  if (voided && !(stuck && on_effect && kernel_.strikes(Fault::gateway_void_ignored, Stream::gateway))) return {Outcome::declined, {}, "voided"};
  if (const Entry* entry = remembered(request.key)) return again(request.key, *entry, request.amount);
  if (declines(request.amount)) return decide(request.key, request.amount, {Outcome::declined, {}, "insufficient funds"}, false);
  const bool error = kernel_.strikes(Fault::gateway_error, Stream::gateway);
  if (error && kernel_.draws.below(Stream::gateway, 2) == 1) {
    // It failed before it did anything, and says so with a 5xx for ever; nobody can tell it from one that acted.
    return decide(request.key, request.amount, {Outcome::declined, {}, "internal error"}, true);
  }
  auto reference = effect(GatewayEffect::Kind::charge, request.key, request.amount, {});
  return decide(request.key, request.amount, {Outcome::succeeded, std::move(reference), {}}, error);
}

GatewayAnswer Gateway::refund(const RefundRequest& request) {
  if (voided_.contains(request.key)) return {Outcome::declined, {}, "voided"};
  if (const Entry* entry = remembered(request.key)) return again(request.key, *entry, request.amount);
  const auto charged = std::ranges::find(effects_, request.charge_reference, &GatewayEffect::reference);
  auto& refunded = refunded_[request.charge_reference];
  if (charged == effects_.end() || refunded + request.amount.minor > charged->amount.minor)
    return decide(request.key, request.amount, {Outcome::declined, {}, "exceeds the charge"}, false);
  if (kernel_.draws.chance(Stream::gateway, settings_.refund_declined_permille))
    return decide(request.key, request.amount, {Outcome::declined, {}, "the card was closed"}, false);
  const bool error = kernel_.strikes(Fault::gateway_error, Stream::gateway);
  refunded += request.amount.minor;
  auto reference = effect(GatewayEffect::Kind::refund, request.key, request.amount, request.charge_reference);
  return decide(request.key, request.amount, {Outcome::succeeded, std::move(reference), {}}, error);
}

GatewayAnswer Gateway::void_charge(const VoidRequest& request) {
  if (voided_.contains(request.charge_key)) return {Outcome::succeeded, {}, {}};
  if (const Entry* entry = remembered(request.charge_key)) {
    if (entry->answer.outcome == Outcome::succeeded) return {Outcome::declined, entry->answer.reference, "charged already"};
    return {Outcome::succeeded, {}, {}};
  }
  voided_.insert(request.charge_key);
  kernel_.saw(Sometimes::request_voided);
  return {Outcome::succeeded, {}, {}};
}

std::string Gateway::settle(const std::string& key) {
  const auto done = std::ranges::find(effects_, key, &GatewayEffect::key);
  if (done != effects_.end()) return done->reference;
  voided_.insert(key);
  return {};
}

GatewayAnswer Gateway::lookup(const std::string& key) {
  if (voided_.contains(key)) return {Outcome::declined, {}, "voided"};
  const Entry* entry = remembered(key);
  if (entry == nullptr || kernel_.strikes(Fault::gateway_not_found, Stream::gateway)) return unknown("not found");
  return entry->answer;
}

void Gateway::sent(const std::string& key) {
  // Nodes reckon with the store's clock, which may be some minutes off theirs.
  constexpr Duration slack = 15min;
  if (!senders_know_) return;
  const SteadyTime first = first_sent_.emplace(key, kernel_.scheduler.now()).first->second;
  if (kernel_.scheduler.now() - first > settings_.retention / 2 + slack)
    kernel_.broken("R12", fmt::format("a request was sent under {}, {} hours after the first", key, (kernel_.scheduler.now() - first) / 1h));
}

Task<GatewayAnswer> GatewayPort::send(std::function<GatewayAnswer(bool)> act, std::string_view kind, Deadline deadline) {
  Kernel& kernel = gateway_.kernel();
  auto& scheduler = kernel.scheduler;
  auto& draws = kernel.draws;
  const Duration patience = deadline.at - clock_.steady_now();
  co_return co_await ask<GatewayAnswer>(node_, unknown("the node died"), [&](Answer<GatewayAnswer> answer) {
    Actor& world = scheduler.world();
    scheduler.after(world, patience, "patience", [answer] { answer.give(unknown("no answer in time")); });
    const Cut cut = links_.state(Service::gateway);
    if (cut == Cut::requests || kernel.strikes(Fault::gateway_lost, Stream::gateway)) return;
    // A request may be stuck on its way for longer than its sender waits, and act then.
    const bool stuck = kernel.strikes(Fault::gateway_slow, Stream::gateway);
    const Duration there = stuck ? draws.delay(Stream::network, 5s, 60s) : draws.delay(Stream::network, 500us, 40ms);
    const bool unheard = kernel.strikes(Fault::gateway_timeout, Stream::gateway) || cut == Cut::answers;
    const Duration back = draws.delay(Stream::network, 500us, 20ms);
    scheduler.after(world, there, kind, [&gateway = gateway_, &kernel, act = std::move(act), kind, unheard, back, answer, stuck] {
      // The sender may be gone by then. A connection that was refused is an answer; one that is refused after its sender gave up is none.
      const bool refused = gateway.is_down();
      if (refused && stuck) return;
      const GatewayAnswer said = refused ? GatewayAnswer{Outcome::failed, {}, "connection refused"} : act(stuck);
      kernel.note(kernel.scheduler.world(), kind, [&] {
        return fmt::format("{} {}{} {}", saga::to_string(said.outcome), said.reference, said.reason, unheard ? "(unheard)" : "");
      });
      if (unheard) return;
      kernel.scheduler.after(kernel.scheduler.world(), back, "answer", [said, answer] { answer.give(said); });
    });
  });
}

Task<GatewayAnswer> GatewayPort::charge(ChargeRequest request, Deadline deadline) {
  gateway_.sent(request.key);
  return send([&gateway = gateway_, request = std::move(request)](bool stuck) { return gateway.charge(request, stuck); }, "charge", deadline);
}

Task<GatewayAnswer> GatewayPort::refund(RefundRequest request, Deadline deadline) {
  gateway_.sent(request.key);
  return send([&gateway = gateway_, request = std::move(request)](bool) { return gateway.refund(request); }, "refund", deadline);
}

Task<GatewayAnswer> GatewayPort::void_charge(VoidRequest request, Deadline deadline) {
  return send([&gateway = gateway_, request = std::move(request)](bool) { return gateway.void_charge(request); }, "void", deadline);
}

Task<GatewayAnswer> GatewayPort::lookup(LookupRequest request, Deadline deadline) {
  auto answer = co_await send([&gateway = gateway_, key = std::move(request.key)](bool) { return gateway.lookup(key); }, "lookup", deadline);
  // A lookup that was refused says nothing about the request.
  if (answer.outcome == Outcome::failed) answer.outcome = Outcome::unknown;
  co_return answer;
}

}  // namespace edda::sim
