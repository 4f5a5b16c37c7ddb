#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "cli/commands.hpp"
#include "cli/doctor.hpp"

namespace edda::cli {
namespace {

std::string_view word_of(Finding::State state) {
  switch (state) {
    case Finding::State::well: return "ok";
    case Finding::State::warning: return "warn";
    case Finding::State::wrong: return "FAIL";
  }
  return "FAIL";
}

void print(const Terminal& terminal, const Finding& finding) {
  const auto word = word_of(finding.state);
  const std::string blank(word.size() < 4 ? 4 - word.size() : 0, ' ');
  terminal.line(fmt::format("{}{}  {:<12} {}", terminal.paint(word), blank, finding.name, finding.detail));
  if (!finding.next.empty()) terminal.line(fmt::format("      {:<12} -> {}", "", finding.next));
}

}  // namespace

int run(const Session& session, const DoctorArguments&) {
  const auto findings = examine(session.loaded);
  boost::json::array rows;
  for (const auto& finding : findings) {
    if (!session.terminal.json) {
      print(session.terminal, finding);
      continue;
    }
    rows.push_back(boost::json::object{
        {"name", finding.name}, {"state", word_of(finding.state)}, {"detail", finding.detail}, {"next", finding.next}});
  }
  if (session.terminal.json) session.terminal.line(boost::json::serialize(rows));
  const bool wrong = std::ranges::any_of(findings, [](const auto& each) { return each.state == Finding::State::wrong; });
  return wrong ? exit_failure : exit_ok;
}

}  // namespace edda::cli
