#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "ports/read_models.hpp"

namespace edda::queries {

/// What a cursor belongs to: one kind of list, of one store, optionally of one thing. A cursor of another is refused, not misread.
/// It carries no authority: whoever shows it sees what he may see anyhow. So its check is a digest, not a signature.
struct CursorScope {
  char kind = 'l';
  Uuid generation;  ///< of the store: after a restore positions mean something else
  Uuid thing{};     ///< the order or stream whose list it is
};

// base64url of a format version, the kind, the place and a digest over all of it with the scope.
// Errors of every parse: invalid_argument, `where` is "cursor".

std::string list_cursor(const CursorScope& scope, const ListCursor& place);
Result<ListCursor> parse_list_cursor(const CursorScope& scope, std::string_view text);

std::string number_cursor(const CursorScope& scope, std::int64_t number);
Result<std::int64_t> parse_number_cursor(const CursorScope& scope, std::string_view text);

/// One position for each shard. Fits 512 characters up to 64 shards with 30 thousand million events each.
using Positions = std::vector<Position>;
std::string positions_cursor(const CursorScope& scope, const Positions& positions);
Result<Positions> parse_positions_cursor(const CursorScope& scope, std::size_t shards, std::string_view text);

}  // namespace edda::queries
