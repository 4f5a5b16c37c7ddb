#include "http/routes/v1_etag.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

namespace edda::http::v1 {
namespace {

constexpr StreamVersion no_version{std::numeric_limits<std::int64_t>::max()};

void skip_space(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
}

std::optional<StreamVersion> version_of(const EntityTag& tag) {
  std::int64_t version = 0;
  const char* last = tag.value.data() + tag.value.size();
  const auto [end, error] = std::from_chars(tag.value.data(), last, version);
  if (tag.weak || error != std::errc{} || end != last || version < 1) return std::nullopt;
  return StreamVersion{version};
}

bool is_tag_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x21 || (byte >= 0x23 && byte <= 0x7E) || byte >= 0x80;
}

std::optional<EntityTag> take_tag(std::string_view& text) {
  EntityTag tag;
  tag.weak = text.starts_with("W/");
  if (tag.weak) text.remove_prefix(2);
  if (!text.starts_with('"')) return std::nullopt;
  const auto end = text.find('"', 1);
  if (end == std::string_view::npos) return std::nullopt;
  tag.value = text.substr(1, end - 1);
  text.remove_prefix(end + 1);
  return std::ranges::all_of(tag.value, is_tag_character) ? std::optional(tag) : std::nullopt;
}

}  // namespace

Result<TagList> parse_tags(std::string_view name, std::string_view text) {
  TagList list;
  skip_space(text);
  list.any = text.starts_with('*');
  if (list.any) text.remove_prefix(1);
  for (bool more = !list.any; more;) {
    const auto tag = take_tag(text);
    if (!tag) return fail(Errc::invalid_argument, "must be * or tags like \"4\"", std::string(name));
    list.tags.push_back(*tag);
    skip_space(text);
    more = text.starts_with(',');
    if (more) text.remove_prefix(1);
    skip_space(text);
  }
  skip_space(text);
  if (!text.empty()) return fail(Errc::invalid_argument, "must be * or tags like \"4\"", std::string(name));
  return list;
}

std::string etag_of(StreamVersion version) { return fmt::format("\"{}\"", version.value); }

Result<bool> is_not_modified(const Request& request, StreamVersion present) {
  const auto header = request.header("If-None-Match");
  if (!header) return false;
  TRY(const auto list, parse_tags("If-None-Match", *header));
  const auto text = fmt::format("{}", present.value);
  return list.any || std::ranges::find(list.tags, text, &EntityTag::value) != list.tags.end();
}

Response not_modified(StreamVersion version) { return empty(304).set("ETag", etag_of(version)); }

Result<Precondition> if_match(const Request& request, StreamVersion present) {
  const auto header = request.header("If-Match");
  if (!header) return Precondition{};
  TRY(const auto list, parse_tags("If-Match", *header));
  Precondition precondition{.given = true, .expected = {}};
  if (list.any) return precondition;
  precondition.expected = no_version;
  for (const EntityTag& tag : list.tags) {
    const auto version = version_of(tag);
    if (version == present) return Precondition{.given = true, .expected = present};
    if (version && precondition.expected == no_version) precondition.expected = version;
  }
  return precondition;
}

}  // namespace edda::http::v1
