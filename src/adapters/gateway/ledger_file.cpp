#include "gateway/ledger_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace edda::gateway {
namespace {

constexpr auto line_bytes = static_cast<std::int64_t>(record_bytes);
// Lines that a loss of power may have left torn at the end: more than that is damage, and damage is for an operator.
constexpr std::int64_t torn_lines_max = 4096;
// Read at once when scanning: small enough to stay in a processor's cache.
constexpr std::size_t scan_lines = 2048;

std::unexpected<Error> io_failed(std::string_view doing) {
  return fail(Errc::unavailable, fmt::format("The payment simulator's ledger: {} failed: {}", doing, std::strerror(errno)));
}
std::unexpected<Error> damaged(std::int64_t number) {
  return fail(Errc::corrupt, fmt::format("The payment simulator's ledger is damaged at line {}", number + 1));
}

/// Line 0 is the header.
constexpr std::int64_t offset_of(std::int64_t number) { return number * line_bytes; }

}  // namespace

Result<LedgerFile> LedgerFile::open(const std::filesystem::path& path, bool fsync) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) return io_failed("opening it");
  LedgerFile file(fd, fsync);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0)
    return fail(Errc::already_exists, "Another process holds the payment simulator's ledger: stop it first");
  TRY_VOID(file.take_over_content());
  return file;
}

LedgerFile::LedgerFile(LedgerFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), fsync_(other.fsync_), count_(other.count_) {}

LedgerFile::~LedgerFile() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> LedgerFile::take_over_content() {
  struct stat status {};
  if (::fstat(fd_, &status) != 0) return io_failed("looking at it");
  const RecordLine expected = header_line();
  RecordLine found = expected;
  const auto present = static_cast<std::size_t>(std::min<std::int64_t>(status.st_size, line_bytes));
  TRY_VOID(read_at(0, std::span(found).first(present)));
  if (found != expected) return fail(Errc::corrupt, "The payment simulator's ledger is no ledger of this release");
  if (present < record_bytes) return write_header();
  return cut_torn_end(status.st_size);
}

Result<void> LedgerFile::write_header() {
  TRY_VOID(write_at(0, header_line()));
  if (fsync_ && ::fsync(fd_) != 0) return io_failed("making it durable");
  return {};
}

Result<void> LedgerFile::cut_torn_end(std::int64_t bytes) {
  count_ = bytes / line_bytes - 1;
  for (std::int64_t cut = 0; count_ > 0; ++cut, --count_) {
    const auto last = read(count_);
    if (last) break;
    if (last.error().code != Errc::corrupt) return std::unexpected(last.error());
    if (cut == torn_lines_max) return damaged(count_);
  }
  if (offset_of(count_ + 1) < bytes && ::ftruncate(fd_, offset_of(count_ + 1)) != 0) return io_failed("cutting its torn end");
  return {};
}

Result<std::int64_t> LedgerFile::append(const LedgerRecord& record) {
  const std::int64_t number = count_ + 1;
  if (auto written = write_at(offset_of(number), encode_record(record)); !written) {
    // Half a line may stand there. The next one overwrites it; cutting it now only spares the next start the work.
    static_cast<void>(::ftruncate(fd_, offset_of(number)));
    return std::unexpected(std::move(written).error());
  }
  count_ = number;
  if (fsync_ && ::fdatasync(fd_) != 0)
    return fail(Errc::outcome_unknown, "The payment simulator's ledger could not be made durable");
  return number;
}

Result<LedgerRecord> LedgerFile::read(std::int64_t number) const {
  RecordLine line;
  TRY_VOID(read_at(offset_of(number), line));
  auto record = decode_record(line);
  if (!record) return damaged(number);
  return std::move(*record);
}

Result<std::vector<LedgerRecord>> LedgerFile::read_many(std::int64_t first, std::size_t count) const {
  std::vector<RecordLine> lines(count);
  TRY_VOID(read_at(offset_of(first), std::span(lines.data()->data(), count * record_bytes)));
  std::vector<LedgerRecord> records;
  records.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto record = decode_record(lines[i]);
    if (!record) return damaged(first + static_cast<std::int64_t>(i));
    records.push_back(std::move(*record));
  }
  return records;
}

Result<void> LedgerFile::scan(const std::function<void(std::int64_t, const RecordSketch&)>& visit) const {
  std::vector<char> lines(scan_lines * record_bytes);
  for (std::int64_t number = 1; number <= count_;) {
    const auto batch = static_cast<std::size_t>(std::min<std::int64_t>(count_ - number + 1, scan_lines));
    TRY_VOID(read_at(offset_of(number), std::span(lines).first(batch * record_bytes)));
    for (std::size_t i = 0; i < batch; ++i, ++number) {
      const std::string_view line(lines.data() + i * record_bytes, record_bytes);
      if (line.back() != '\n') return damaged(number);
      visit(number, sketch_record(line));
    }
  }
  return {};
}

Result<void> LedgerFile::read_at(std::int64_t offset, std::span<char> into) const {
  while (!into.empty()) {
    const ssize_t got = ::pread(fd_, into.data(), into.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_failed("reading it");
    if (got == 0) return fail(Errc::corrupt, "The payment simulator's ledger is shorter than it was");
    into = into.subspan(static_cast<std::size_t>(got));
    offset += got;
  }
  return {};
}

Result<void> LedgerFile::write_at(std::int64_t offset, std::span<const char> bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::pwrite(fd_, bytes.data(), bytes.size(), offset);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return io_failed("writing it");
    bytes = bytes.subspan(static_cast<std::size_t>(put));
    offset += put;
  }
  return {};
}

}  // namespace edda::gateway
