#include "operators/parked.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "queries/row_reader.hpp"

namespace edda::operators {
namespace {

constexpr std::size_t short_number_max = 3;
constexpr std::size_t filter_bytes_max = 200;  // what the lists' error filter takes

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

bool tells_apart(std::string_view word) {
  return word.size() > short_number_max && std::ranges::any_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

/// The longest piece between what was left out; cut at a character's start.
std::string longest_piece(std::string_view error) {
  std::string_view longest;
  for (std::size_t begin = 0; begin <= error.size();) {
    const std::size_t end = std::min(error.find('#', begin), error.size());
    if (end - begin > longest.size()) longest = error.substr(begin, end - begin);
    begin = end + 1;
  }
  if (longest.size() > filter_bytes_max) {
    std::size_t cut = filter_bytes_max;
    while (cut > 0 && (static_cast<unsigned char>(longest[cut]) & 0xC0) == 0x80) --cut;
    longest = longest.substr(0, cut);
  }
  return std::string(longest);
}

using Key = std::tuple<std::string, std::string, std::string>;

void count(ParkedGroup& group, const SagaRecord& saga) {
  group.oldest_at = group.count == 0 ? saga.updated_at : std::min(group.oldest_at, saga.updated_at);
  ++group.count;
  if (group.examples.size() < parked_examples_max) group.examples.push_back(saga.row.id);
}

}  // namespace

std::string normalised(std::string_view error) {
  std::string result;
  while (!error.empty()) {
    const auto word_end = std::ranges::find_if_not(error, is_word);
    const auto length = static_cast<std::size_t>(word_end - error.begin());
    if (length == 0) {
      result += error.front();
      error.remove_prefix(1);
      continue;
    }
    const std::string_view word = error.substr(0, length);
    result += tells_apart(word) ? std::string_view("#") : word;
    error.remove_prefix(length);
  }
  return result;
}

Task<Result<Parked>> group_parked(ReadModels& views, Deadline deadline) {
  SagaFilter filter;
  filter.statuses = {SagaStatus::parked};
  ListWindow window;
  window.limit = parked_looked_at_max;
  window.want_total = true;
  auto sagas = queries::read_sagas(views, std::move(filter), window, deadline);
  Parked parked;
  CO_TRY(parked.total, co_await sagas.total());
  std::map<Key, ParkedGroup> groups;
  for (;;) {
    CO_TRY(const auto saga, co_await sagas.next());
    if (!saga) break;
    Key key{saga->row.definition, saga->row.current_step, normalised(saga->row.error)};
    if (groups.size() >= parked_groups_max && !groups.contains(key)) {
      parked.truncated = true;
      continue;
    }
    count(groups[std::move(key)], *saga);
  }
  parked.truncated = parked.truncated || sagas.has_more();
  for (auto& [key, group] : groups) {
    std::tie(group.definition, group.step, group.error) = key;
    group.error_contains = longest_piece(group.error);
    parked.groups.push_back(std::move(group));
  }
  const auto rank = [](const ParkedGroup& group) {
    return std::tuple(-group.count, std::string_view(group.definition), std::string_view(group.step), std::string_view(group.error));
  };
  std::ranges::sort(parked.groups, {}, rank);
  co_return parked;
}

}  // namespace edda::operators
