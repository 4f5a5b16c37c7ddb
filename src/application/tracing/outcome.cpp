#include "tracing/outcome.hpp"

namespace edda::tracing {

void note(Span& span, const GatewayAnswer& answer) {
  const std::string outcome(saga::to_string(answer.outcome));
  span.attributes.push_back({"edda.outcome", outcome});
  if (!answer.reason.empty()) span.attributes.push_back({"edda.reason", answer.reason});
  if (answer.outcome == saga::Outcome::failed || answer.outcome == saga::Outcome::unknown)
    span.failure = answer.reason.empty() ? outcome : answer.reason;
}

}  // namespace edda::tracing
