#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "http/message.hpp"

namespace edda::http {

/// Writes a stream's pieces as chunks (RFC 9112 section 7.1), or bare where the client speaks HTTP/1.0.
class ChunkWriter final : public StreamWriter {
 public:
  /// False when the connection is broken, or was too slow and so is dropped.
  using Write = std::function<Task<bool>(std::string_view bytes, SteadyTime until)>;

  ChunkWriter(Write write, bool chunked) : write_(std::move(write)), chunked_(chunked) {}

  Task<Result<void>> write(std::string_view bytes, Deadline deadline) override;
  /// Ends the body.
  Task<bool> finish(SteadyTime until);
  bool broken() const { return broken_; }

 private:
  Write write_;
  bool chunked_;
  bool broken_ = false;
  std::string chunk_;
};

}  // namespace edda::http
