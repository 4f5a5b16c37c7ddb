#pragma once

#include <string_view>

#include "saga/engine.hpp"

namespace edda::operators {

/// What a refusal means to the person who asked, and what to do instead. Static texts.
struct Advice {
  std::string_view detail;
  std::string_view next;
};
Advice advice_for(saga::Rejection rejection);
/// By the rejection's name; nothing in it for a name that is none.
Advice advice_for(std::string_view reason);

}  // namespace edda::operators
