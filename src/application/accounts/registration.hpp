#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace edda::accounts {

struct Registration {
  std::string email;
  std::string password;
  std::string first_name;
  std::string last_name;
};

struct Credentials {
  std::string email;
  std::string password;
};

/// What is wrong with a sign-up body, in the words and the order of class-validator ("email must be an email"); empty
/// if nothing is. Unknown fields are wrong. Lengths count code points.
std::vector<std::string> validate_registration(const boost::json::object& body);
/// The same for a login body; unknown fields pass.
std::vector<std::string> validate_credentials(const boost::json::object& body);

/// Requires that validate_registration (validate_credentials) had nothing to say.
Registration to_registration(const boost::json::object& body);
Credentials to_credentials(const boost::json::object& body);

/// As validator.js isEmail with its defaults, but for quoted local parts, which are refused.
bool is_email(std::string_view text);

}  // namespace edda::accounts
