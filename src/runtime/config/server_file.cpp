#include "config/server_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <fstream>
#include <iterator>

namespace edda::config {
namespace {

constexpr std::string_view file_name = "server.json";

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Result<void> write_private_file(const std::filesystem::path& path, std::string_view content) {
  const std::string fresh = path.string() + ".new";
  ::unlink(fresh.c_str());
  // O_EXCL: never through a link that somebody else put there, never with somebody else's permissions.
  const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool written = descriptor >= 0 && write_all(descriptor, content);
  if (descriptor >= 0) ::close(descriptor);
  if (!written || ::rename(fresh.c_str(), path.c_str()) != 0) {
    return fail(Errc::unavailable, fmt::format("cannot write {} into the data folder; check its permissions and the free space",
                                               path.filename().string()));
  }
  return {};
}

Result<void> write_server_file(const std::filesystem::path& data, const ServerFile& file) {
  const boost::json::object content{{"url", file.url}, {"token", file.token.reveal()}, {"process", file.process}};
  return write_private_file(data / file_name, boost::json::serialize(content) + "\n");
}

Result<ServerFile> read_server_file(const std::filesystem::path& data) {
  const auto path = data / file_name;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return fail(Errc::not_found, "no server runs on this data folder");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return fail(Errc::forbidden, "the data folder's server.json belongs to another user; run this as that user");
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  boost::system::error_code error;
  const auto value = boost::json::parse(text, error);
  const auto* object = error ? nullptr : value.if_object();
  const auto* url = object != nullptr ? object->if_contains("url") : nullptr;
  const auto* token = object != nullptr ? object->if_contains("token") : nullptr;
  if (url == nullptr || token == nullptr || !url->is_string() || !token->is_string()) {
    return fail(Errc::corrupt, "the data folder's server.json is damaged; start the server again");
  }
  const auto* process = object->if_contains("process");
  return ServerFile{std::string(url->get_string()), Secret(std::string(token->get_string())),
                    process != nullptr && process->is_int64() ? process->get_int64() : 0};
}

void remove_server_file(const std::filesystem::path& data) { ::unlink((data / file_name).c_str()); }

}  // namespace edda::config
