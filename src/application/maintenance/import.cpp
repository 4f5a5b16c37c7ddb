#include "maintenance/import.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace edda::maintenance {
namespace {

// Moments of one append.
constexpr std::size_t moments_a_page = 250;
constexpr std::size_t users_a_page = 500;
constexpr std::size_t told_differences_max = 100;
constexpr const char* reader = "import";

std::unexpected<Error> not_empty(std::string message) {
  return fail(Errc::invalid_argument, std::move(message), {}, "import_target");
}

Result<User> user_of(const replaced::UserRecord& row) {
  const auto role = parse_role(row.role);
  const auto status = parse_user_status(row.status);
  if (!role) return fail(Errc::invalid_argument, "a user cannot be a '" + row.role + "'");
  if (!status) return fail(Errc::invalid_argument, "a user cannot be '" + row.status + "'");
  return User{.id = row.id, .email = row.email, .password_hash = row.password_hash, .first_name = row.first_name,
              .last_name = row.last_name, .role = *role, .status = *status, .email_verified = row.email_verified,
              .created_at = row.created_at, .updated_at = row.updated_at};
}

class Import {
 public:
  Import(replaced::System& system, ImportTarget target, Currency currency, const ImportListener& listener, Deadline deadline)
      : system_(system),
        target_(target),
        currency_(currency),
        listener_(listener),
        deadline_(deadline),
        shards_(target.log.info().shards),
        books_(currency) {}

  Task<Result<ImportReport>> run() {
    CO_TRY_VOID(co_await begin());
    CO_TRY_VOID(co_await import_users());
    CO_TRY_VOID(co_await import_orders());
    CO_TRY_VOID(co_await leave_out_strays());
    CO_TRY_VOID(co_await compare());
    co_return std::move(report_);
  }

 private:
  Task<Result<void>> begin();
  Task<Result<void>> import_users();
  Task<Result<void>> import_user(const replaced::UserRecord& row);
  Task<Result<void>> import_orders();
  Task<Result<void>> append(const std::vector<Turn>& turns);
  void take_end(const replaced::OrderRecord& record, const ImportedOrder& told);
  Task<Result<void>> leave_out_strays();
  Task<Result<void>> compare();

  void leave_out(const LeftOut& row) {
    ++report_.left_out;
    if (listener_.left_out) listener_.left_out(row);
  }
  void tell(std::string_view what, std::int64_t done) const {
    if (listener_.progress) listener_.progress(what, done);
  }

  replaced::System& system_;
  ImportTarget target_;
  const Currency currency_;
  const ImportListener& listener_;
  const Deadline deadline_;
  const std::uint16_t shards_;
  ImportBooks books_;
  ImportReport report_;
};

Task<Result<void>> Import::begin() {
  CO_TRY(const Position marked, co_await target_.cursors.read_cursor(reader, ShardId{0}, deadline_));
  report_.resumed = marked.value > 0;
  if (report_.resumed) co_return Result<void>();
  CO_TRY(const auto ends, co_await target_.log.last_positions(deadline_));
  const bool holds_events = std::ranges::any_of(ends, [](Position end) { return end.value > 0; });
  if (holds_events) co_return not_empty("The target holds a store already: import into an empty one.");
  co_return co_await target_.cursors.move_cursor(reader, ShardId{0}, Epoch{0}, Position{1}, deadline_);
}

Task<Result<void>> Import::import_users() {
  std::optional<UserId> after;
  for (;;) {
    CO_TRY(const auto users, co_await system_.read_users(after, users_a_page, deadline_));
    if (users.empty()) co_return Result<void>();
    after = users.back().id;
    for (const auto& row : users) CO_TRY_VOID(co_await import_user(row));
    tell("users", report_.users);
  }
}

Task<Result<void>> Import::import_user(const replaced::UserRecord& row) {
  const auto bad = [&](std::string reason) {
    const LeftOut left{"users", to_string(row.id), std::move(reason), row.status};
    books_.add_left_out(left);
    leave_out(left);
  };
  auto user = user_of(row);
  if (!user) {
    bad(user.error().message);
    co_return Result<void>();
  }
  CO_TRY(const auto there, co_await target_.users.find_user(row.id, deadline_));
  if (!there) {
    const auto made = co_await target_.users.create_user(*std::move(user), std::nullopt, deadline_);
    if (!made && (made.error().code == Errc::already_exists || made.error().code == Errc::invalid_argument)) {
      bad(made.error().message);
      co_return Result<void>();
    }
    if (!made) co_return std::unexpected(made.error());
  }
  ++report_.users;
  books_.add_user(row.status);
  co_return Result<void>();
}

Task<Result<void>> Import::import_orders() {
  for (;;) {
    CO_TRY(const auto moments, co_await system_.next_moments(moments_a_page, deadline_));
    if (moments.empty()) co_return Result<void>();
    std::vector<Turn> turns;
    for (const auto& moment : moments) {
      ImportedOrder told = import_order(moment.order, currency_, shards_);
      if (moment.is_end) take_end(moment.order, told);
      auto& turn = moment.is_end ? told.end : told.beginning;
      if (turn) turns.push_back(*std::move(turn));
    }
    CO_TRY_VOID(co_await append(turns));
    tell("orders", report_.orders);
  }
}

void Import::take_end(const replaced::OrderRecord& record, const ImportedOrder& told) {
  books_.add_order(record, told);
  for (const LeftOut& row : told.left_out) leave_out(row);
  for (const ParkedSaga& saga : told.parked) {
    ++report_.parked;
    if (listener_.parked) listener_.parked(saga);
  }
  if (!told.beginning) return;
  ++report_.orders;
  if (!record.idempotency_key.empty()) ++report_.keys;
}

// After a lost answer the same turns are sent again: those that stand say so.
Task<Result<void>> Import::append(const std::vector<Turn>& turns) {
  auto outcomes = co_await target_.log.append(turns, deadline_);
  if (!outcomes && outcomes.error().code == Errc::outcome_unknown) outcomes = co_await target_.log.append(turns, deadline_);
  if (!outcomes) co_return std::unexpected(std::move(outcomes).error());
  for (std::size_t i = 0; i < turns.size(); ++i) {
    const TurnOutcome& outcome = (*outcomes)[i];
    if (std::holds_alternative<Appended>(outcome)) continue;
    if (std::holds_alternative<Fenced>(outcome)) co_return fail(Errc::cancelled, "The target is being served, or was.", {}, "fenced");
    if (report_.differences.size() >= told_differences_max) continue;
    const auto* refused = std::get_if<Refused>(&outcome);
    report_.differences.push_back(fmt::format("order {}: {}", to_string(turns[i].correlation),
                                              refused != nullptr ? refused->error.message : "the store holds something else of it"));
  }
  co_return Result<void>();
}

Task<Result<void>> Import::leave_out_strays() {
  CO_TRY(const auto strays, co_await system_.read_strays(deadline_));
  for (const auto& stray : strays) {
    const LeftOut row{stray.table, stray.id, stray.reason, stray.status, stray.amount};
    books_.add_left_out(row);
    leave_out(row);
  }
  co_return Result<void>();
}

Task<Result<void>> Import::compare() {
  CO_TRY(const auto sums, co_await system_.read_sums(deadline_));
  CO_TRY(const auto stored, co_await count_stored(target_.views, deadline_));
  CO_TRY(StoreFindings found, co_await target_.check.check_log(deadline_));
  std::ranges::move(books_.compare_with_replaced(sums), std::back_inserter(report_.differences));
  std::ranges::move(books_.compare_with_stored(stored), std::back_inserter(report_.differences));
  std::ranges::move(found.findings, std::back_inserter(report_.differences));
  report_.lines = books_.lines();
  co_return Result<void>();
}

}  // namespace

Task<Result<ImportReport>> import_system(replaced::System& system, ImportTarget target, Currency currency, const ImportListener& listener,
                                         Deadline deadline) {
  Import import(system, target, currency, listener, deadline);
  co_return co_await import.run();
}

}  // namespace edda::maintenance
