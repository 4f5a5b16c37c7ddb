#include "maintenance/copy.hpp"

#include <fmt/format.h>

#include "accounts/shared_secret.hpp"
#include "maintenance/copied_turns.hpp"
#include "maintenance/copy_accounts.hpp"
#include "maintenance/copy_check.hpp"
#include "maintenance/fold_stream.hpp"

namespace edda::maintenance {
namespace {

// Events of one append.
constexpr std::size_t events_a_page = 1'000;
constexpr std::size_t keys_a_page = 5'000;

std::unexpected<Error> other_store(std::string message) {
  return fail(Errc::invalid_argument, std::move(message), {}, "copy_target");
}

/// The answer to a turn that was not stored.
Error refusal(const Turn& turn, const TurnOutcome& outcome) {
  if (std::holds_alternative<Fenced>(outcome)) {
    return {.code = Errc::cancelled, .message = "The target is being served.", .reason = "fenced"};
  }
  if (const auto* refused = std::get_if<Refused>(&outcome)) return refused->error;
  return {.code = Errc::corrupt,
          .message = fmt::format("The target does not take turn {}: it holds something else.", to_string(turn.id)),
          .reason = "copy_target"};
}

class Copy {
 public:
  Copy(CopySource source, CopyTarget target, CopyProgress progress, Deadline deadline)
      : source_(source),
        target_(target),
        progress_(std::move(progress)),
        deadline_(deadline),
        reader_("copy of " + to_string(source.log.info().generation)),
        turns_(source.views, target.log.info().shards) {}

  Task<Result<CopyReport>> run(std::vector<std::string> secrets, SecretRandom& random, Timestamp now) {
    CO_TRY_VOID(co_await begin());
    CO_TRY_VOID(co_await copy_events());
    CO_TRY_VOID(co_await copy_keys());
    CO_TRY_VOID(co_await copy_secrets(secrets, random));
    CO_TRY_VOID(co_await copy_accounts(source_.users, target_.users, now, report_, deadline_));
    tell("users", report_.users);
    CO_TRY_VOID(co_await check(now));
    co_return std::move(report_);
  }

 private:
  Task<Result<void>> begin();
  Task<Result<void>> copy_events();
  Task<Result<void>> append(const std::vector<RecordedEvent>& events);
  Task<Result<void>> copy_keys();
  Task<Result<void>> copy_secrets(const std::vector<std::string>& names, SecretRandom& random);
  Task<Result<void>> check(Timestamp now);
  Task<Result<void>> mark(std::int64_t position) {
    // One more than the position: 0 is a target on which nothing has begun.
    return target_.cursors.move_cursor(reader_, ShardId{0}, Epoch{0}, Position{position + 1}, deadline_);
  }
  void tell(std::string_view what, std::int64_t done) const {
    if (progress_) progress_(what, done);
  }

  CopySource source_;
  CopyTarget target_;
  const CopyProgress progress_;
  const Deadline deadline_;
  const std::string reader_;
  CopiedTurns turns_;
  Position copied_;
  CopyReport report_;
};

Task<Result<void>> Copy::begin() {
  if (source_.log.info().shards != 1) co_return fail(Errc::invalid_argument, "Only a store of one shard can be copied.");
  CO_TRY(const Position marked, co_await target_.cursors.read_cursor(reader_, ShardId{0}, deadline_));
  report_.resumed = marked.value > 0;
  if (report_.resumed) {
    copied_ = Position{marked.value - 1};
    co_return Result<void>();
  }
  CO_TRY(const auto ends, co_await target_.log.last_positions(deadline_));
  const bool holds_events = std::ranges::any_of(ends, [](Position end) { return end.value > 0; });
  CO_TRY(const auto users, co_await target_.users.list_users({}, std::nullopt, 1, deadline_));
  if (holds_events || !users.empty()) co_return other_store("The target holds a store already: copy into an empty database.");
  co_return co_await mark(0);
}

Task<Result<void>> Copy::copy_events() {
  for (bool more = true; more;) {
    CO_TRY(auto events, co_await source_.log.read_shard(ShardId{0}, copied_, events_a_page, deadline_));
    more = events.size() == events_a_page;
    // The last turn of a full page may go on behind it.
    if (more) {
      const TurnId last = events.back().turn;
      while (!events.empty() && events.back().turn == last) events.pop_back();
      if (events.empty()) co_return fail(Errc::corrupt, fmt::format("A turn has more than {} events.", events_a_page));
    }
    if (events.empty()) break;
    CO_TRY_VOID(co_await append(events));
    copied_ = events.back().position;
    CO_TRY_VOID(co_await mark(copied_.value));
    tell("events", copied_.value);
  }
  report_.events = copied_.value;
  co_return Result<void>();
}

// After a lost answer the same turns are sent again: those that stand say so.
Task<Result<void>> Copy::append(const std::vector<RecordedEvent>& events) {
  CO_TRY(const auto turns, co_await turns_.make(events, deadline_));
  auto outcomes = co_await target_.log.append(turns, deadline_);
  if (!outcomes && outcomes.error().code == Errc::outcome_unknown) {
    outcomes = co_await target_.log.append(turns, deadline_);
  }
  if (!outcomes) co_return std::unexpected(std::move(outcomes).error());
  for (std::size_t i = 0; i < turns.size(); ++i) {
    if (!std::holds_alternative<Appended>((*outcomes)[i])) co_return std::unexpected(refusal(turns[i], (*outcomes)[i]));
  }
  co_return Result<void>();
}

Task<Result<void>> Copy::copy_keys() {
  std::optional<Digest128> after;
  for (bool more = true; more;) {
    CO_TRY(auto keys, co_await source_.keys.read_keys(after, keys_a_page, deadline_));
    more = keys.size() == keys_a_page;
    if (keys.empty()) break;
    after = keys.back().key;
    report_.keys += static_cast<std::int64_t>(keys.size());
    CO_TRY_VOID(co_await target_.keys.add_keys(std::move(keys), deadline_));
    tell("keys", report_.keys);
  }
  co_return Result<void>();
}

// Tokens given out by the source stay good. A secret that the source never needed is made here, for both.
Task<Result<void>> Copy::copy_secrets(const std::vector<std::string>& names, SecretRandom& random) {
  for (const std::string& name : names) {
    CO_TRY(std::string secret, co_await accounts::shared_secret(source_.users, random, name, deadline_));
    CO_TRY(const std::string stored, co_await target_.users.get_or_create_secret(name, secret, deadline_));
    if (stored != secret) co_return other_store("The target has secrets of its own: copy into an empty database.");
  }
  co_return Result<void>();
}

Task<Result<void>> Copy::check(Timestamp now) {
  tell("rebuild", 0);
  CO_TRY_VOID(co_await target_.rebuild.rebuild_views(&fold_stream, false, {}, deadline_));
  CO_TRY(const StoreFindings found, co_await target_.check.check_log(deadline_));
  report_.differences = found.findings;
  CO_TRY_VOID(co_await compare_logs(source_.log, target_.log, report_, deadline_));
  tell("compared", report_.events);
  CO_TRY_VOID(co_await compare_keys(source_.keys, target_.keys, report_, deadline_));
  co_return co_await compare_accounts(source_.users, target_.users, now, report_, deadline_);
}

}  // namespace

Task<Result<CopyReport>> copy_store(CopySource source, CopyTarget target, std::vector<std::string> secrets,
                                    SecretRandom& random, Timestamp now, CopyProgress progress, Deadline deadline) {
  Copy copy(source, target, std::move(progress), deadline);
  co_return co_await copy.run(std::move(secrets), random, now);
}

}  // namespace edda::maintenance
