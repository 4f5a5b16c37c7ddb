#include "postgres/connection.hpp"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>

#include <map>
#include <optional>
#include <utility>

#include "postgres/sql_error.hpp"
#include "postgres/wire.hpp"

namespace edda::postgres {
namespace {

// Statements vary little; what comes on top of so many is not prepared.
constexpr std::size_t prepared_max = 256;
constexpr int binary = 1;

Error lost(Effect effect) {
  if (effect == Effect::write) {
    return {.code = Errc::outcome_unknown,
            .message = "The connection to the database was lost before it had answered.",
            .reason = std::string(reason_lost)};
  }
  return {.code = Errc::unavailable,
          .message = "The connection to the database was lost.",
          .reason = std::string(reason_lost)};
}

Error too_late(Effect effect) {
  if (effect == Effect::write) {
    return {.code = Errc::outcome_unknown, .message = "The database did not answer in time.", .reason = "store_timeout"};
  }
  return {.code = Errc::unavailable, .message = "The database did not answer in time.", .reason = "store_timeout"};
}

}  // namespace

struct Connection::State {
  explicit State(boost::asio::any_io_executor executor) : wire(std::move(executor)) {}

  Wire wire;
  bool broken = false;
  std::map<std::string, std::string, std::less<>> prepared;  // the name of a statement by its text
  std::string_view last;                                     // one of these texts
  OnNotice on_notice;

  PGconn* link() { return wire.link.get(); }

  Error broke(Error error) {
    broken = true;
    return error;
  }

  /// Everything that was sent has left.
  Task<Result<void>> flush(Effect effect) {
    for (;;) {
      const int left = PQflush(link());
      if (left == 0) co_return Result<void>();
      if (left < 0) co_return std::unexpected(broke(lost(effect)));
      if (!co_await wire.wait(Wire::Want::write)) co_return std::unexpected(broke(too_late(effect)));
    }
  }

  void tell_notices() {
    while (PGnotify* notice = PQnotifies(link())) {
      if (on_notice) on_notice(notice->extra);
      PQfreemem(notice);
    }
  }

  /// The answer to what was sent; complete only when the server is ready for the next statement, because it commits after it has told the
  /// rows.
  Task<Result<Rows>> answer(Effect effect) {
    CO_TRY_VOID(co_await flush(effect));
    Rows rows;
    std::optional<Error> error;
    for (;;) {
      while (PQisBusy(link()) == 1) {
        if (!co_await wire.wait(Wire::Want::read)) co_return std::unexpected(broke(too_late(effect)));
        if (PQconsumeInput(link()) == 0) co_return std::unexpected(broke(lost(effect)));
      }
      PGresult* result = PQgetResult(link());
      if (result == nullptr) break;
      Rows part(result);
      const auto status = PQresultStatus(result);
      if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_EMPTY_QUERY) {
        rows = std::move(part);
        continue;
      }
      if (spoils_session(result)) broken = true;
      error = ends_session(result) ? broke(lost(effect)) : error_of(result);
    }
    tell_notices();
    if (PQstatus(link()) != CONNECTION_OK) co_return std::unexpected(broke(lost(effect)));
    if (error) co_return std::unexpected(*std::move(error));
    co_return rows;
  }

  /// The name under which the statement is prepared; empty when too many are.
  Task<Result<std::string>> prepare(std::string_view sql, const Params::View& params) {
    if (const auto found = prepared.find(sql); found != prepared.end()) {
      last = found->first;
      co_return found->second;
    }
    if (prepared.size() >= prepared_max) co_return std::string();
    const std::string text(sql);
    std::string name = fmt::format("s{}", prepared.size());
    if (PQsendPrepare(link(), name.c_str(), text.c_str(), static_cast<int>(params.types.size()), params.types.data()) == 0)
      co_return std::unexpected(broke(lost(Effect::read)));
    CO_TRY_VOID(co_await answer(Effect::read));
    last = prepared.emplace(text, name).first->first;
    co_return name;
  }

  bool send(const std::string& name, std::string_view sql, const Params::View& params) {
    const auto count = static_cast<int>(params.types.size());
    if (!name.empty()) {
      return PQsendQueryPrepared(link(), name.c_str(), count, params.values.data(), params.lengths.data(),
                                 params.formats.data(), binary) == 1;
    }
    return PQsendQueryParams(link(), std::string(sql).c_str(), count, params.types.data(), params.values.data(),
                             params.lengths.data(), params.formats.data(), binary) == 1;
  }
};

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connection::~Connection() = default;

Task<Result<std::unique_ptr<Connection>>> Connection::open(ConnectOptions options, Deadline deadline,
                                                           std::string* said) {
  auto state = std::make_unique<State>(co_await boost::asio::this_coro::executor);
  const Wire::Alarm alarm(state->wire, deadline);
  CO_TRY_VOID(co_await state->wire.connect(options, said));
  co_return std::unique_ptr<Connection>(new Connection(std::move(state)));
}

Task<Result<Rows>> Connection::query(std::string_view sql, const Params& params, Effect effect, Deadline deadline) {
  if (!usable()) co_return std::unexpected(lost(Effect::read));
  const Wire::Alarm alarm(state_->wire, deadline);
  const Params::View view = params.view();
  CO_TRY(const std::string name, co_await state_->prepare(sql, view));
  if (state_->wire.expired()) co_return std::unexpected(too_late(Effect::read));
  if (!state_->send(name, sql, view)) co_return std::unexpected(state_->broke(lost(Effect::read)));
  co_return co_await state_->answer(effect);
}

Task<Result<void>> Connection::execute(std::string statements, Effect effect, Deadline deadline) {
  if (!usable()) co_return std::unexpected(lost(Effect::read));
  const Wire::Alarm alarm(state_->wire, deadline);
  if (PQsendQuery(state_->link(), statements.c_str()) == 0) co_return std::unexpected(state_->broke(lost(Effect::read)));
  CO_TRY_VOID(co_await state_->answer(effect));
  co_return Result<void>();
}

bool Connection::usable() const { return !state_->broken; }

std::string_view Connection::last_statement() const { return state_->last; }

// A server that ends says so first: what it said is read before the end of the stream is found.
bool Connection::still_there() {
  pollfd socket{.fd = PQsocket(state_->link()), .events = POLLIN, .revents = 0};
  while (usable() && ::poll(&socket, 1, 0) != 0) {
    if (PQconsumeInput(state_->link()) == 0 || PQstatus(state_->link()) != CONNECTION_OK) state_->broken = true;
  }
  return usable();
}

bool Connection::in_transaction() const { return PQtransactionStatus(state_->link()) != PQTRANS_IDLE; }

void Connection::on_notice(OnNotice listener) { state_->on_notice = std::move(listener); }

Task<Result<void>> Connection::wait_for_notices(Deadline deadline) {
  if (!usable()) co_return std::unexpected(lost(Effect::read));
  const Wire::Alarm alarm(state_->wire, deadline);
  for (;;) {
    state_->tell_notices();
    if (!co_await state_->wire.wait(Wire::Want::read)) co_return Result<void>();
    if (PQconsumeInput(state_->link()) == 0) co_return std::unexpected(state_->broke(lost(Effect::read)));
  }
}

void Connection::end_wait() { state_->wire.expire(); }

}  // namespace edda::postgres
