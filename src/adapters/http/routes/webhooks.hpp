#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/timestamp.hpp"
#include "owner/answer_delivery.hpp"

namespace edda::http {

/// Who may send webhooks, and who takes them. Lifetime: the delivery outlives the router.
struct Webhooks {
  std::string gateway;  ///< its name in the path
  /// Whether the header Edda-Signature is one of that gateway for that body. Errors: unauthenticated.
  std::function<Result<void>(std::string_view signature, std::string_view body, Timestamp now)> verify;
  owner::AnswerDelivery& delivery;
};

}  // namespace edda::http
