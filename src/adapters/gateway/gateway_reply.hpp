#pragma once

#include <string_view>

#include "gateway/http_client.hpp"
#include "ports/payment_gateway.hpp"

/// What a gateway's HTTP answer means (docs/gateway.md). The rule: only an answer that says so is an end; whatever cannot be understood
/// is `unknown`. Pure functions.
namespace edda::gateway {

/// To a charge, refund or void under `key`:
///   2xx, status "succeeded", this key and a reference  succeeded
///   402, or another 4xx with status "declined"         declined
///   4xx or 5xx that says "processed": false            failed
///   anything else                                      unknown
GatewayAnswer answer_of(const HttpReply& reply, std::string_view key);

/// To a lookup of `key`: as above where something was found; 404 and everything else are unknown.
GatewayAnswer found_by(const HttpReply& reply, std::string_view key);

/// No answer: failed where the request was surely not sent, else unknown.
GatewayAnswer answer_of(const HttpFailure& failure);

}  // namespace edda::gateway
