#include "views/steps_text.hpp"

#include <boost/json.hpp>

#include "base/json_writer.hpp"

namespace edda {

std::string steps_to_text(const std::vector<std::string>& steps) {
  if (steps.empty()) return "[]";
  JsonWriter json;
  json.begin_array();
  for (const std::string& step : steps) json.value(step);
  return json.end_array().take();
}

Result<std::vector<std::string>> steps_from_text(std::string_view text) {
  std::vector<std::string> steps;
  if (text == "[]") return steps;
  boost::system::error_code bad;
  const boost::json::value value = boost::json::parse(text, bad);
  if (bad || !value.is_array()) return fail(Errc::corrupt, "A saga's list of steps cannot be read.");
  for (const boost::json::value& step : value.get_array()) {
    if (!step.is_string()) return fail(Errc::corrupt, "A saga's list of steps cannot be read.");
    steps.emplace_back(step.get_string());
  }
  return steps;
}

}  // namespace edda
