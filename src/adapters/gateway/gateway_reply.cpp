#include "gateway/gateway_reply.hpp"

#include <fmt/format.h>

#include "base/json_reader.hpp"

namespace edda::gateway {
namespace {

using saga::Outcome;

constexpr int payment_required = 402;
constexpr std::size_t reason_bytes_max = 200;
constexpr std::size_t reference_bytes_max = 200;

/// What the gateway's JSON says; empty where it says nothing.
struct Said {
  std::string key;
  std::string status;
  std::string reference;
  std::string reason;
  bool not_processed = false;
};

Said read(const HttpReply& reply) {
  JsonReader json(reply.body);
  if (json.error()) return {};
  Said said{json.string_or("key", ""), json.string_or("status", ""), json.string_or("reference", ""),
            json.string_or("reason", ""), !json.boolean_or("processed", true)};
  // A member of another type than it should have: nothing of this can be relied on.
  if (json.error() || said.reference.size() > reference_bytes_max) return {};
  said.reason.resize(std::min(said.reason.size(), reason_bytes_max));
  return said;
}

bool is_success(int status) { return status >= 200 && status < 300; }
bool is_refusal(int status) { return status >= 400 && status < 500; }
bool is_error(int status) { return status >= 400 && status < 600; }

std::string reason_of(const HttpReply& reply, const Said& said) {
  if (said.reason.empty()) return fmt::format("The gateway answered {}", reply.status);
  return fmt::format("The gateway answered {}: {}", reply.status, said.reason);
}

}  // namespace

GatewayAnswer answer_of(const HttpReply& reply, std::string_view key) {
  Said said = read(reply);
  if (is_success(reply.status)) {
    const bool ours = said.status == "succeeded" && said.key == key && !said.reference.empty();
    if (ours) return {Outcome::succeeded, std::move(said.reference), {}};
    return {Outcome::unknown, {}, "The gateway's answer cannot be understood"};
  }
  if (reply.status == payment_required || (is_refusal(reply.status) && said.status == "declined"))
    return {Outcome::declined, std::move(said.reference), said.reason.empty() ? "Declined" : std::move(said.reason)};
  const bool surely_nothing = is_error(reply.status) && said.not_processed;
  return {surely_nothing ? Outcome::failed : Outcome::unknown, {}, reason_of(reply, said)};
}

GatewayAnswer found_by(const HttpReply& reply, std::string_view key) {
  Said said = read(reply);
  if (!is_success(reply.status) || said.key != key) return {Outcome::unknown, {}, reason_of(reply, said)};
  if (said.status == "declined") return {Outcome::declined, std::move(said.reference), std::move(said.reason)};
  if (said.status == "succeeded" && !said.reference.empty()) return {Outcome::succeeded, std::move(said.reference), {}};
  return {Outcome::unknown, {}, "The gateway's answer cannot be understood"};
}

GatewayAnswer answer_of(const HttpFailure& failure) {
  return {failure.surely_not_sent ? Outcome::failed : Outcome::unknown, {}, failure.reason};
}

}  // namespace edda::gateway
