#pragma once

#include <netinet/in.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace edda::bench {

/// One answer, taken apart as far as a load client must: status and body by Content-Length.
class AnswerReader {
 public:
  enum class State { incomplete, whole, broken };

  /// Takes the next bytes. `broken`: no HTTP/1.1 answer with a Content-Length.
  State put(std::string_view bytes);
  int status() const { return status_; }
  /// The server said "Connection: close": it takes no further request.
  bool is_last() const { return last_; }
  std::string_view body() const { return std::string_view(text_).substr(head_bytes_); }
  /// Ready for the next answer of the connection.
  void clear();

 private:
  bool read_head();

  std::string text_;
  std::size_t head_bytes_ = 0;  ///< 0: the head is not whole yet
  std::size_t body_bytes_ = 0;
  int status_ = 0;
  bool last_ = false;
};

/// A keep-alive connection that sends prebuilt requests and never blocks on reading; one request at a time.
/// Thread-safety: none.
class HttpLink {
 public:
  HttpLink() = default;
  HttpLink(HttpLink&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)), reader_(std::move(other.reader_)) {}
  HttpLink& operator=(HttpLink&&) = delete;
  ~HttpLink() { close(); }

  /// Errors: unavailable.
  Result<void> open(const sockaddr_in& address);
  void close();
  int descriptor() const { return descriptor_; }

  /// False: the connection is broken.
  bool send(std::string_view request);
  /// Reads what has arrived.
  AnswerReader::State receive();
  const AnswerReader& answer() const { return reader_; }

 private:
  int descriptor_ = -1;
  AnswerReader reader_;
};

/// The address behind "127.0.0.1" or a host name. Errors: invalid_argument.
Result<sockaddr_in> resolve(const std::string& host, const std::string& port);

}  // namespace edda::bench
