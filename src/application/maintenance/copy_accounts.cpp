#include "maintenance/copy_accounts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "maintenance/copy_check.hpp"

namespace edda::maintenance {
namespace {

constexpr std::size_t accounts_a_page = 500;

bool same(const User& a, const User& b) {
  return a.id == b.id && a.email == b.email && a.password_hash == b.password_hash && a.first_name == b.first_name &&
         a.last_name == b.last_name && a.role == b.role && a.status == b.status && a.email_verified == b.email_verified &&
         a.generation == b.generation && a.created_at == b.created_at && a.updated_at == b.updated_at;
}

bool same(const Session& a, const Session& b) {
  return a.id == b.id && a.user == b.user && a.token == b.token && a.created_at == b.created_at && a.used_at == b.used_at &&
         a.expires_at == b.expires_at && a.address == b.address && a.agent == b.agent && a.previous == b.previous &&
         a.previous_until == b.previous_until;
}

bool same(const AuditEntry& a, const AuditEntry& b) {
  return a.at == b.at && a.actor == b.actor && a.actor_email == b.actor_email && a.action == b.action &&
         a.subject == b.subject && a.reason == b.reason && a.details == b.details;
}

Task<Result<std::vector<Session>>> live_sessions(UserStore& store, UserId user, Timestamp now, Deadline deadline) {
  CO_TRY(auto sessions, co_await store.list_sessions(user, deadline));
  std::erase_if(sessions, [now](const Session& session) { return session.expires_at <= now; });
  std::ranges::sort(sessions, {}, [](const Session& session) { return std::pair(session.created_at, session.id); });
  co_return sessions;
}

Task<Result<void>> copy_user(UserStore& target, const User& user, Deadline deadline) {
  CO_TRY(const auto there, co_await target.find_user(user.id, deadline));
  if (there) co_return Result<void>();
  co_return co_await target.create_user(user, std::nullopt, deadline);
}

Task<Result<std::int64_t>> copy_sessions(UserStore& source, UserStore& target, UserId user, Timestamp now,
                                         Deadline deadline) {
  CO_TRY(const auto sessions, co_await live_sessions(source, user, now, deadline));
  if (sessions.empty()) co_return 0;
  CO_TRY(const auto there, co_await target.list_sessions(user, deadline));
  for (const Session& session : sessions) {
    if (std::ranges::find(there, session.id, &Session::id) != there.end()) continue;
    CO_TRY_VOID(co_await target.open_session(session, deadline));
  }
  co_return static_cast<std::int64_t>(sessions.size());
}

/// The whole log, the oldest first: it is as long as what administrators have done.
Task<Result<std::vector<AuditEntry>>> whole_audit(UserStore& store, Deadline deadline) {
  std::vector<AuditEntry> all;
  std::optional<std::int64_t> before;
  for (bool more = true; more;) {
    CO_TRY(auto entries, co_await store.list_audit({}, before, accounts_a_page, deadline));
    more = entries.size() == accounts_a_page;
    if (!entries.empty()) before = entries.back().sequence;
    std::ranges::move(entries, std::back_inserter(all));
  }
  std::ranges::reverse(all);
  co_return all;
}

Task<Result<void>> copy_audit(UserStore& source, UserStore& target, CopyReport& report, Deadline deadline) {
  CO_TRY(const auto entries, co_await whole_audit(source, deadline));
  CO_TRY(const auto there, co_await whole_audit(target, deadline));
  for (std::size_t i = there.size(); i < entries.size(); ++i) {
    CO_TRY_VOID(co_await target.append_audit(entries[i], deadline));
  }
  report.audit = static_cast<std::int64_t>(entries.size());
  co_return Result<void>();
}

}  // namespace

Task<Result<void>> copy_accounts(UserStore& source, UserStore& target, Timestamp now, CopyReport& report,
                                 Deadline deadline) {
  std::optional<UserId> after;
  for (bool more = true; more;) {
    CO_TRY(const auto users, co_await source.list_users({}, after, accounts_a_page, deadline));
    more = users.size() == accounts_a_page;
    for (const User& user : users) {
      after = user.id;
      ++report.users;
      CO_TRY_VOID(co_await copy_user(target, user, deadline));
      CO_TRY(const std::int64_t sessions, co_await copy_sessions(source, target, user.id, now, deadline));
      report.sessions += sessions;
    }
  }
  co_return co_await copy_audit(source, target, report, deadline);
}

Task<Result<void>> compare_accounts(UserStore& source, UserStore& target, Timestamp now, CopyReport& report,
                                    Deadline deadline) {
  std::optional<UserId> after;
  for (bool more = true; more;) {
    CO_TRY(const auto users, co_await source.list_users({}, after, accounts_a_page, deadline));
    CO_TRY(const auto there, co_await target.list_users({}, after, accounts_a_page, deadline));
    if (!std::ranges::equal(users, there, [](const User& a, const User& b) { return same(a, b); })) {
      note(report, "Users differ.");
      break;
    }
    more = users.size() == accounts_a_page;
    for (const User& user : users) {
      after = user.id;
      CO_TRY(const auto wanted, co_await live_sessions(source, user.id, now, deadline));
      CO_TRY(const auto found, co_await live_sessions(target, user.id, now, deadline));
      if (!std::ranges::equal(wanted, found, [](const Session& a, const Session& b) { return same(a, b); })) {
        note(report, fmt::format("The sessions of user {} differ.", to_string(user.id)));
      }
    }
  }
  CO_TRY(const auto entries, co_await whole_audit(source, deadline));
  CO_TRY(const auto there, co_await whole_audit(target, deadline));
  if (!std::ranges::equal(entries, there, [](const AuditEntry& a, const AuditEntry& b) { return same(a, b); })) {
    note(report, "The audit logs differ.");
  }
  co_return Result<void>();
}

}  // namespace edda::maintenance
