#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/principal.hpp"
#include "base/result.hpp"
#include "base/trace_context.hpp"
#include "http/fields.hpp"
#include "ports/task.hpp"

namespace edda::http {

enum class Method : std::uint8_t { get, post, put, patch, delete_, head, options, other };

/// The method as it stands on the wire ("GET"); "OTHER" for Method::other.
std::string_view to_string(Method method);
/// Case-sensitive, as RFC 9110 has it; Method::other for what no route serves (TRACE, CONNECT, unknown ones).
Method parse_method(std::string_view name);

/// Which of the two interfaces a request speaks: the unversioned one of the replaced system, or /v1.
enum class Face : std::uint8_t { old, v1 };

/// One request, whole: the body has been read. Handlers get it by reference and may keep views into it until they
/// answer. Its storage is reused by the next request of the same connection.
struct Request {
  Method method = Method::get;
  Face face = Face::old;               ///< by the path's prefix "/v1"
  std::string method_name;             ///< as sent; tells which Method::other it was
  std::string target;                  ///< as sent: path and query, still encoded
  std::string path;                    ///< decoded, without the query
  Fields query_parameters;             ///< decoded, in order, duplicates kept
  Fields headers;                      ///< as sent, in order
  Fields path_parameters;              ///< decoded; filled by the router from the template's {names}
  std::string body;                    ///< empty when there was none
  std::string client_address;          ///< the peer's, or the one a trusted proxy reports; without a port
  std::string request_id;              ///< X-Request-Id where sane, else generated; also sent back
  TraceContext trace;                  ///< filled by the router: its own span where it keeps one, else what the client sent
  SteadyTime arrival{};                ///< when the head was complete, on the clock port's steady clock
  std::optional<Principal> principal;  ///< filled by the router for every route that is not open

  /// First value of that name (names are case-sensitive); nullopt if absent. "?page=" is present and empty.
  std::optional<std::string_view> query(std::string_view name) const { return query_parameters.find(name); }
  /// First header of that name, in any case.
  std::optional<std::string_view> header(std::string_view name) const { return headers.find_ignoring_case(name); }
  /// The path parameter `name` of the matched template; asserts that the template has it.
  std::string_view param(std::string_view name) const;

  /// Empties everything and keeps the storage.
  void clear();
};

/// Splits and decodes a request target into path, query parameters and face. The target must be of origin form
/// ("/x?y=z"). Errors: invalid_argument for a broken percent-encoding, or for bytes that decode to no UTF-8 or to
/// U+0000.
Result<void> set_target(Request& request, std::string_view target);

/// True for "/v1" and what is below it.
bool is_v1_path(std::string_view path);

/// A request for tests and tools, as the server would hand it to the router. Asserts that `target` is well-formed.
Request make_request(Method method, std::string_view target, std::string body = {});

/// The writing end of a streamed response (SSE).
class StreamWriter {
 public:
  virtual ~StreamWriter() = default;
  /// Sends `bytes` as one chunk and returns once the kernel has taken them: a producer never runs ahead of its reader.
  /// Errors: unavailable when the client is gone or had not read by `deadline` (it is dropped); cancelled while the
  /// server stops. After an error every further write fails: return from the producer.
  virtual Task<Result<void>> write(std::string_view bytes, Deadline deadline) = 0;
};

/// Produces a body piece by piece; the response ends when it returns. Runs on the connection's coroutine and is
/// cancelled by server stop.
using StreamProducer = std::move_only_function<Task<void>(StreamWriter&)>;

struct Header {
  std::string name;
  std::string value;
};

/// An answer. Content-Length, Date, X-Request-Id, X-Content-Type-Options, CORS and connection headers are the server's.
struct Response {
  int status = 200;
  std::string content_type = {};  ///< empty: no Content-Type header
  std::vector<Header> headers = {};
  std::string body = {};
  StreamProducer stream = {};  ///< when set, `body` must be empty

  Response& set(std::string name, std::string value) &;
  Response&& set(std::string name, std::string value) &&;
};

Response json(int status, const boost::json::value& body);
/// `body` is JSON already.
Response json_text(int status, std::string body);
/// text/plain; charset=utf-8.
Response text(int status, std::string body);
Response empty(int status);
/// 302 unless told otherwise.
Response redirect(std::string location, int status = 302);
/// 200 text/event-stream, uncached.
Response event_stream(StreamProducer producer);

}  // namespace edda::http
