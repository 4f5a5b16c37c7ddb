#pragma once

#include <cstddef>
#include <string>

#include "http/routes/v1_body.hpp"
#include "http/routes/v1_support.hpp"
#include "operators/operator_service.hpp"

/// What the routes for operators share.
namespace edda::http::v1 {

inline constexpr Access staff = Access::roles({Role::operator_, Role::admin});
inline constexpr std::size_t reason_characters_max = 500;
inline constexpr std::size_t step_characters_max = 100;
inline constexpr std::size_t reference_characters_max = 255;

/// "force-close", as the path of its route ends.
std::string path_of(saga::OperatorAction action);

/// `step`, `outcome` and `reference`, as far as the action takes them; others are faults.
operators::Act read_act(FieldReader& reader, saga::OperatorAction action, Faults& faults);

}  // namespace edda::http::v1
