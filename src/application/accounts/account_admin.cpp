#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "accounts/account_service.hpp"
#include "accounts/cursor.hpp"
#include "accounts/user_cache.hpp"

// The half of AccountService that changes users by somebody else's will. Sign-in and sign-out: account_service.cpp.
namespace edda::accounts {
namespace {

constexpr std::size_t page_items_max = 100;

std::string change_details(std::string_view from, std::string_view to) {
  return fmt::format(R"({{"from":"{}","to":"{}"}})", from, to);
}

/// Sixteen characters of 32: 80 bits. Without the ones that people mix up.
std::string generated_password(SecretRandom& secrets) {
  constexpr std::string_view alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
  static_assert(alphabet.size() == 32);
  std::array<std::uint8_t, 16> bytes;
  secrets.fill(bytes);
  std::string password;
  for (const std::uint8_t byte : bytes) password += alphabet[byte % alphabet.size()];
  return password;
}

bool is_known_hash(std::string_view hash) {
  constexpr std::size_t bcrypt_length = 60;
  if (hash.starts_with("$2a$") || hash.starts_with("$2b$")) return hash.size() == bcrypt_length;
  return hash.starts_with("$argon2id$");
}

/// The first `limit` of limit + 1 items asked for; the one more tells whether there is a next page.
template <class T>
bool cut_to(std::vector<T>& items, std::size_t limit) {
  const bool has_more = items.size() > limit;
  if (has_more) items.resize(limit);
  return has_more;
}

std::size_t capped(std::size_t limit) { return std::clamp<std::size_t>(limit, 1, page_items_max); }

}  // namespace

Task<Result<Page<User>>> AccountService::list_users(UserFilter filter, std::string cursor, std::size_t limit,
                                                    Deadline deadline) {
  std::optional<UserId> after;
  if (!cursor.empty()) {
    after = parse_user_cursor(cursor);
    if (!after) co_return fail(Errc::invalid_argument, "cursor is not one that this list gave out", "cursor");
  }
  const std::size_t count = capped(limit);
  CO_TRY(auto users, co_await ports_.users.list_users(std::move(filter), after, count + 1, deadline));
  Page<User> page;
  page.has_more = cut_to(users, count);
  if (page.has_more) page.cursor = user_cursor(users.back().id);
  page.items = std::move(users);
  co_return page;
}

Task<Result<Page<AuditEntry>>> AccountService::list_audit(AuditFilter filter, std::string cursor, std::size_t limit,
                                                          Deadline deadline) {
  std::optional<std::int64_t> before;
  if (!cursor.empty()) {
    before = parse_audit_cursor(cursor);
    if (!before) co_return fail(Errc::invalid_argument, "cursor is not one that this list gave out", "cursor");
  }
  const std::size_t count = capped(limit);
  CO_TRY(auto entries, co_await ports_.users.list_audit(std::move(filter), before, count + 1, deadline));
  Page<AuditEntry> page;
  page.has_more = cut_to(entries, count);
  if (page.has_more) page.cursor = audit_cursor(entries.back().sequence);
  page.items = std::move(entries);
  co_return page;
}

Task<Result<User>> AccountService::change_access(Actor actor, UserId id, AccessChange wish, Deadline deadline) {
  CO_TRY(auto user, co_await existing_user(id, deadline));
  UserChange change{.keep_an_admin = true, .at = ports_.clock.now()};
  std::vector<AuditEntry> audit;
  const auto alter = [&](auto& field, const auto& wanted, const auto& present, std::string action) {
    if (!wanted || *wanted == present) return false;
    field = wanted;
    audit.push_back(
        audit_entry(actor, std::move(action), to_string(id), change_details(to_string(present), to_string(*wanted))));
    return true;
  };
  const bool other_role = alter(change.role, wish.role, user.role, "user.role_changed");
  const bool other_status = alter(change.status, wish.status, user.status, "user.status_changed");
  if (audit.empty()) co_return user;
  change.revoke_tokens = other_role || (other_status && *wish.status != UserStatus::active);
  co_return co_await change_user(id, std::move(change), std::move(audit), deadline);
}

Task<Result<void>> AccountService::set_password(Actor actor, UserId id, std::string password, Deadline deadline) {
  if (password.size() < password_length_min || password.size() > password_bytes_max) {
    co_return fail(Errc::invalid_argument,
                   fmt::format("password must have {} to {} bytes", password_length_min, password_bytes_max),
                   "/password");
  }
  CO_TRY(auto hash, co_await ports_.passwords.hash(std::move(password), deadline));
  UserChange change{.password_hash = std::move(hash), .revoke_tokens = true, .at = ports_.clock.now()};
  auto audit = audit_entry(actor, "user.password_set", to_string(id), {});
  CO_TRY_VOID(co_await change_user(id, std::move(change), {std::move(audit)}, deadline));
  co_return Result<void>{};
}

Task<Result<User>> AccountService::create_user(Actor actor, Registration registration, Role role, Deadline deadline) {
  CO_TRY(auto hash, co_await ports_.passwords.hash(registration.password, deadline));
  auto user = new_user(std::move(registration), role, std::move(hash));
  auto audit =
      audit_entry(actor, "user.created", to_string(user.id), fmt::format(R"({{"role":"{}"}})", to_string(role)));
  co_return co_await add_user(std::move(user), std::move(audit), deadline);
}

Task<Result<User>> AccountService::import_user(Actor actor, ImportedUser imported, Deadline deadline) {
  if (!is_known_hash(imported.password_hash)) {
    co_return fail(Errc::invalid_argument, "The password hash is neither bcrypt ($2a$, $2b$) nor argon2id",
                   "/password");
  }
  User user{.id = imported.id,
            .email = std::move(imported.email),
            .password_hash = std::move(imported.password_hash),
            .first_name = std::move(imported.first_name),
            .last_name = std::move(imported.last_name),
            .role = imported.role,
            .status = imported.status,
            .email_verified = imported.email_verified,
            .created_at = imported.created_at,
            .updated_at = ports_.clock.now()};
  auto audit =
      audit_entry(actor, "user.imported", to_string(user.id), fmt::format(R"({{"role":"{}"}})", to_string(user.role)));
  co_return co_await add_user(std::move(user), std::move(audit), deadline);
}

Task<Result<AdminOutcome>> AccountService::ensure_admin(std::string email, std::optional<std::string> password,
                                                        Deadline deadline) {
  AdminOutcome outcome{.email = email};
  const UserFilter admins{.role = Role::admin, .status = UserStatus::active};
  CO_TRY(const auto existing, co_await ports_.users.list_users(admins, std::nullopt, 1, deadline));
  if (!existing.empty()) co_return outcome;

  if (!password) password = outcome.generated_password = generated_password(ports_.secrets);
  CO_TRY(auto hash, co_await ports_.passwords.hash(std::move(*password), deadline));
  CO_TRY(auto holder, co_await ports_.users.find_user_by_email(email, deadline));
  // Another node was faster; its password holds, and so do the tokens that it gave out.
  if (holder && holder->role == Role::admin && holder->status == UserStatus::active) co_return AdminOutcome{.email = std::move(email)};
  if (holder) co_return co_await promote(std::move(*holder), std::move(outcome), std::move(hash), deadline);

  auto user = new_user(Registration{std::move(email), {}, "Admin", "Edda"}, Role::admin, std::move(hash));
  auto audit = audit_entry({{}, {}, "first start"}, "user.created", to_string(user.id), R"({"role":"admin"})");
  auto added = co_await add_user(std::move(user), std::move(audit), deadline);
  if (added) {
    outcome.created = true;
    co_return outcome;
  }
  // Another node was faster; its password holds.
  if (added.error().code == Errc::already_exists) co_return AdminOutcome{.email = std::move(outcome.email)};
  co_return std::unexpected(std::move(added).error());
}

Task<Result<AdminOutcome>> AccountService::promote(User user, AdminOutcome outcome, std::string password_hash,
                                                   Deadline deadline) {
  UserChange change{.password_hash = std::move(password_hash),
                    .role = Role::admin,
                    .status = UserStatus::active,
                    .revoke_tokens = true,
                    .at = ports_.clock.now()};
  auto audit = audit_entry({{}, {}, "no active administrator"}, "user.role_changed", to_string(user.id),
                           change_details(to_string(user.role), to_string(Role::admin)));
  CO_TRY_VOID(co_await change_user(user.id, std::move(change), {std::move(audit)}, deadline));
  outcome.created = true;
  co_return outcome;
}

Task<Result<std::string>> AccountService::local_admin_token(std::chrono::seconds lifetime, Deadline deadline) {
  const UserFilter admins{.role = Role::admin, .status = UserStatus::active};
  CO_TRY(const auto found, co_await ports_.users.list_users(admins, std::nullopt, 1, deadline));
  if (found.empty()) co_return fail(Errc::not_found, "There is no active administrator");
  const User& admin = found.front();
  const Timestamp now = ports_.clock.now();
  co_return ports_.tokens.sign({.user = admin.id,
                                .email = admin.email,
                                .role = admin.role,
                                .generation = admin.generation,
                                .issued_at = now,
                                .expires_at = now + lifetime});
}

Task<Result<void>> AccountService::record(Actor actor, std::string action, std::string subject, std::string details,
                                          Deadline deadline) {
  auto entry = audit_entry(actor, std::move(action), std::move(subject), std::move(details));
  CO_TRY_VOID(co_await ports_.users.append_audit(std::move(entry), deadline));
  co_return Result<void>{};
}

Task<Result<User>> AccountService::add_user(User user, std::optional<AuditEntry> audit, Deadline deadline) {
  auto created = co_await ports_.users.create_user(user, std::move(audit), deadline);
  // A token of this user may have come before the user did.
  cache_->forget(user.id);
  if (created) co_return user;
  if (created.error().reason == "email")
    co_return fail(Errc::already_exists, "Email already exists", "/email", "email");
  co_return std::unexpected(std::move(created).error());
}

Task<Result<User>> AccountService::change_user(UserId user, UserChange change, std::vector<AuditEntry> audit,
                                               Deadline deadline) {
  auto changed = co_await ports_.users.change_user(user, std::move(change), std::move(audit), deadline);
  cache_->forget(user);  // Even after an error: its outcome may be unknown.
  co_return changed;
}

Task<Result<User>> AccountService::existing_user(UserId id, Deadline deadline) {
  CO_TRY(auto user, co_await ports_.users.find_user(id, deadline));
  if (!user) co_return fail(Errc::not_found, "User not found");
  co_return std::move(*user);
}

AuditEntry AccountService::audit_entry(const Actor& actor, std::string action, std::string subject,
                                       std::string details) {
  return {.at = ports_.clock.now(),
          .actor = actor.user,
          .actor_email = actor.email,
          .action = std::move(action),
          .subject = std::move(subject),
          .reason = actor.reason,
          .details = std::move(details)};
}

User AccountService::new_user(Registration registration, Role role, std::string password_hash) {
  const Timestamp now = ports_.clock.now();
  return {.id = UserId{ports_.random.uuid_v7(now)},
          .email = std::move(registration.email),
          .password_hash = std::move(password_hash),
          .first_name = std::move(registration.first_name),
          .last_name = std::move(registration.last_name),
          .role = role,
          .created_at = now,
          .updated_at = now};
}

}  // namespace edda::accounts
