#include "eventsourcing/event.hpp"

namespace edda {
namespace {

constexpr std::string_view newer_release = "newer_release";

}  // namespace

std::unexpected<Error> fail_newer_release(std::string message) {
  return fail(Errc::corrupt, std::move(message), {}, std::string(newer_release));
}

bool is_from_newer_release(const Error& error) { return error.code == Errc::corrupt && error.reason == newer_release; }

}  // namespace edda
