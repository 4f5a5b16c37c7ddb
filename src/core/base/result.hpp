#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace edda {

/// What went wrong, named by the caller's next move.
enum class Errc {
  invalid_argument,  ///< the request itself is wrong: fix it, do not repeat it
  unauthenticated,   ///< nobody, or somebody whose credentials do not hold: sign in
  forbidden,         ///< this caller may not do this: do not repeat it
  rejected,          ///< the domain refuses in the present state: read the state, decide again
  not_found,         ///< there is no such thing, or none that this caller may see
  already_exists,    ///< another thing holds this key
  version_conflict,  ///< the state moved on: reload, decide again
  overloaded,        ///< surely not done, a queue or a limit is full: wait as told, then repeat
  unavailable,       ///< surely not done: repeat with backoff
  outcome_unknown,   ///< may have been done: ask before repeating, or repeat under the same key
  cancelled,         ///< the work was stopped on purpose (shutdown)
  corrupt,           ///< stored data cannot be understood: an operator must look
  internal,          ///< a bug of ours
};

/// The code's name as it stands in logs and machine-readable answers ("invalid_argument").
std::string_view to_string(Errc code);

/// An expected failure. `message` is a sentence a person can act on; it never holds a secret, SQL, or a path of the server.
/// `where` optionally points into the input (a JSON pointer, a field, a flag); `reason` optionally is a stable machine name.
struct Error {
  Errc code = Errc::internal;
  std::string message;
  std::string where = {};
  std::string reason = {};
  std::chrono::seconds retry_after{0};  ///< overloaded: when trying again may help; 0 where nobody can tell
};

/// True where repeating the same request later may help.
bool is_retryable(Errc code);

template <class T, class E = Error>
using Result = std::expected<T, E>;

inline std::unexpected<Error> fail(Errc code, std::string message, std::string where = {}, std::string reason = {}) {
  return std::unexpected(Error{code, std::move(message), std::move(where), std::move(reason)});
}

}  // namespace edda

// TRY(auto x, expression): x is the value, or the enclosing function returns the error. CO_TRY is the same inside a coroutine.
// TRY_VOID(expression) and CO_TRY_VOID(expression) drop the value.
#define EDDA_CONCAT_(a, b) a##b
#define EDDA_CONCAT(a, b) EDDA_CONCAT_(a, b)
#define EDDA_TRY_(ret, tmp, declaration, ...)                \
  auto tmp = (__VA_ARGS__);                                  \
  if (!tmp) ret std::unexpected(std::move(tmp).error());     \
  declaration = *std::move(tmp)
#define TRY(declaration, ...) EDDA_TRY_(return, EDDA_CONCAT(try_, __LINE__), declaration, __VA_ARGS__)
#define CO_TRY(declaration, ...) EDDA_TRY_(co_return, EDDA_CONCAT(try_, __LINE__), declaration, __VA_ARGS__)
#define EDDA_TRY_VOID_(ret, tmp, ...) \
  if (auto tmp = (__VA_ARGS__); !tmp) ret std::unexpected(std::move(tmp).error())
#define TRY_VOID(...) EDDA_TRY_VOID_(return, EDDA_CONCAT(try_, __LINE__), __VA_ARGS__)
#define CO_TRY_VOID(...) EDDA_TRY_VOID_(co_return, EDDA_CONCAT(try_, __LINE__), __VA_ARGS__)
