#include "postgres/wire.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <libpq-fe.h>

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string>

#include "postgres/addresses.hpp"
#include "postgres/connection.hpp"
#include "postgres/sql_error.hpp"

namespace edda::postgres {
namespace {

// What a session of ours is like; client_connection_check_interval has the server end the statement of a client that is gone.
std::string session_settings(const ConnectOptions& options) {
  return fmt::format(
      "-c search_path=edda -c synchronous_commit=on -c default_transaction_isolation=read\\ committed -c jit=off"
      " -c TimeZone=UTC -c client_connection_check_interval=1000 -c statement_timeout={} -c lock_timeout={}"
      " -c idle_in_transaction_session_timeout={}",
      options.statement_timeout.count(), options.lock_timeout.count(), options.idle_in_transaction_timeout.count());
}

// The last of several lines, one for each address that was tried; without a hint, or the place in the server's sources, below it.
std::string last_line(std::string_view text) {
  for (;;) {
    while (!text.empty() && text.back() == '\n') text.remove_suffix(1);
    const auto newline = text.rfind('\n');
    const auto line = newline == std::string_view::npos ? text : text.substr(newline + 1);
    if (newline == std::string_view::npos || !(line.starts_with("LOCATION:") || line.starts_with('\t'))) return std::string(line);
    text = text.substr(0, newline);
  }
}

// "...: FATAL:  28P01: password authentication failed": the five characters; empty when it is no answer of the server. Severities are
// words of the server's language, codes are not.
std::string_view sqlstate(std::string_view said) {
  for (auto at = said.find(":  "); at != std::string_view::npos; at = said.find(":  ", at + 1)) {
    const auto code = said.substr(at + 3, 5);
    const bool is_code = code.size() == 5 && code.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string_view::npos;
    if (is_code && said.substr(at + 8, 2) == ": ") return code;
  }
  return {};
}

Error hopeless(std::string message, std::string where) {
  return {.code = Errc::unavailable, .message = std::move(message), .where = std::move(where), .reason = std::string(reason_refused)};
}

// libpq's own words, which it does not translate where no locale is set.
bool is_about_tls(std::string_view said) {
  for (const std::string_view words : {"root certificate file", "certificate verify failed", "does not match host name",
                                       "does not support SSL", "SSL error: tlsv1 alert unknown ca"})
    if (said.find(words) != std::string_view::npos) return true;
  return false;
}

Error refused(PGconn* link, std::string* said) {
  const std::string text = last_line(PQerrorMessage(link));
  // libpq does not repeat the password; should it ever, nobody is told.
  const char* password = PQpass(link);
  const bool secret = password != nullptr && *password != '\0' && text.find(password) != std::string::npos;
  if (said != nullptr) *said = secret ? std::string() : text;
  const std::string_view state = sqlstate(text);
  if (state.starts_with("28")) return hopeless("The database refuses the user or the password.", "user");
  if (state == "3D000") return hopeless("The server has no such database.", "dbname");
  if (state == "42501") return hopeless("The database does not let its user connect.", "user");
  if (state.empty() && is_about_tls(text)) return hopeless("TLS with the database cannot be had as it is asked for.", "sslmode");
  if (!state.empty())
    return {.code = Errc::unavailable, .message = "The database takes no connection now.", .reason = "database_not_ready"};
  return {.code = Errc::unavailable, .message = "The database cannot be reached.", .reason = "database_unreachable"};
}

void ignore_notice(void*, const PGresult*) {}

}  // namespace

void Wire::Finish::operator()(pg_conn* connection) const { PQfinish(connection); }

Wire::Wire(boost::asio::any_io_executor executor) : watch_(std::make_shared<Watch>(executor)) {}

Wire::~Wire() {
  boost::system::error_code ignored;
  watch_->socket.close(ignored);
}

Wire::Alarm::Alarm(Wire& wire, Deadline deadline) : watch_(wire.watch_) {
  watch_->expired = false;
  watch_->timer.expires_at(deadline.at);
  watch_->timer.async_wait([watch = watch_, operation = ++watch_->operation](boost::system::error_code cancelled) {
    if (!cancelled && watch->operation == operation) watch->expire();
  });
}

Wire::Alarm::~Alarm() {
  ++watch_->operation;
  watch_->timer.cancel();
}

void Wire::watch_socket() {
  boost::system::error_code ignored;
  watch_->socket.close(ignored);
  const int copy = ::fcntl(PQsocket(link.get()), F_DUPFD_CLOEXEC, 0);
  if (copy >= 0) watch_->socket.assign(copy, ignored);
}

Task<bool> Wire::wait(Want want) {
  using Descriptor = boost::asio::posix::stream_descriptor;
  if (watch_->expired) co_return false;
  boost::system::error_code ignored;  // a socket that is broken is found so by libpq
  co_await watch_->socket.async_wait(want == Want::read ? Descriptor::wait_read : Descriptor::wait_write,
                                     boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
  co_return !watch_->expired;
}

Task<Result<void>> Wire::connect(const ConnectOptions& options, std::string* said) {
  const std::string settings = session_settings(options);
  CO_TRY(const std::string address, co_await with_addresses(options.address));
  // Those before the address may be set otherwise by it, those behind it not.
  const std::array<const char*, 9> names = {"target_session_attrs", "keepalives_idle",  "tcp_user_timeout",
                                            "application_name",     "dbname",           "client_encoding",
                                            "options",              nullptr,            nullptr};
  const std::array<const char*, 9> values = {"read-write", "10", "10000", options.application_name.c_str(), address.c_str(),
                                             "UTF8",       settings.c_str(), nullptr, nullptr};
  link.reset(PQconnectStartParams(names.data(), values.data(), 1));
  if (!link) co_return fail(Errc::unavailable, "There is no memory for a connection.");
  PQsetNoticeReceiver(link.get(), ignore_notice, nullptr);
  PQsetErrorVerbosity(link.get(), PQERRORS_VERBOSE);  // with the code
  for (auto step = PGRES_POLLING_WRITING; step != PGRES_POLLING_OK; step = PQconnectPoll(link.get())) {
    if (step == PGRES_POLLING_FAILED || PQstatus(link.get()) == CONNECTION_BAD)
      co_return std::unexpected(refused(link.get(), said));
    watch_socket();  // libpq may have gone on to another address
    if (!co_await wait(step == PGRES_POLLING_READING ? Want::read : Want::write)) {
      if (said != nullptr) *said = "no answer in time";
      co_return fail(Errc::unavailable, "The database cannot be reached.", {}, "database_unreachable");
    }
  }
  watch_socket();
  if (PQsetnonblocking(link.get(), 1) != 0) co_return std::unexpected(refused(link.get(), said));
  co_return Result<void>();
}

}  // namespace edda::postgres
