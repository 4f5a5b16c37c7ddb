#include "http/chunk_writer.hpp"

#include <fmt/format.h>

#include <iterator>

namespace edda::http {

Task<Result<void>> ChunkWriter::write(std::string_view bytes, Deadline deadline) {
  if (broken_) co_return fail(Errc::unavailable, "The client is gone.");
  if (bytes.empty()) co_return Result<void>{};  // an empty chunk would end the body
  if (chunked_) {
    chunk_.clear();
    fmt::format_to(std::back_inserter(chunk_), "{:x}\r\n", bytes.size());
    chunk_.append(bytes).append("\r\n");
    bytes = chunk_;
  }
  // Set until the write is known to be whole: a cancelled one may have sent half a chunk.
  broken_ = true;
  if (!co_await write_(bytes, deadline.at))
    co_return fail(Errc::unavailable, "The client is gone or reads too slowly.");
  broken_ = false;
  co_return Result<void>{};
}

Task<bool> ChunkWriter::finish(SteadyTime until) {
  if (!chunked_) co_return true;
  co_return co_await write_("0\r\n\r\n", until);
}

}  // namespace edda::http
