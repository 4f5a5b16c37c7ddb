#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "http/message.hpp"

/// Versions as entity tags (RFC 9110, sections 8.8.3 and 13.1): the version of a stream is a strong tag, "4".
namespace edda::http::v1 {

struct EntityTag {
  std::string_view value;  ///< without quotes
  bool weak = false;
};
/// The value of If-Match or If-None-Match.
struct TagList {
  bool any = false;  ///< "*"
  std::vector<EntityTag> tags = {};
};
/// Lifetime: the tags point into `text`. Errors: invalid_argument; `where` is `name`.
Result<TagList> parse_tags(std::string_view name, std::string_view text);

std::string etag_of(StreamVersion version);

/// Whether If-None-Match holds the present version already (weak comparison). Errors: invalid_argument.
Result<bool> is_not_modified(const Request& request, StreamVersion present);
Response not_modified(StreamVersion version);

/// What If-Match asks of the order's version.
struct Precondition {
  bool given = false;                      ///< whether the header is there at all
  std::optional<StreamVersion> expected;   ///< not set: any version will do
};
/// With several tags the one that is present counts; tags that can be no version of ours give a version that no order has.
/// Errors: invalid_argument.
Result<Precondition> if_match(const Request& request, StreamVersion present);

}  // namespace edda::http::v1
