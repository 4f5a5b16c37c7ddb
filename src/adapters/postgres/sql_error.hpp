#pragma once

#include "base/result.hpp"

struct pg_result;

namespace edda::postgres {

/// What the server's error means to a caller. Its text is ours: the server's may hold data.
Error error_of(const pg_result* result);

/// True when the server ended the session with this error (FATAL): whether the statement was done is not told by it.
bool ends_session(const pg_result* result);

/// True when the session is of no more use: its prepared statements are stale, or its server may not be written to.
bool spoils_session(const pg_result* result);

/// True when the database refused what it was given, rather than failed.
inline bool is_about_data(const Error& error) {
  return error.code == Errc::invalid_argument || error.code == Errc::already_exists;
}

/// Reasons of errors that are worth another try at once: the transaction was chosen as a victim.
inline constexpr std::string_view reason_victim = "store_victim";
/// What the user, the password, the database or TLS are said to be is wrong: it does not heal by itself.
inline constexpr std::string_view reason_refused = "database_refuses";
/// The connection is gone.
inline constexpr std::string_view reason_lost = "store_lost";

}  // namespace edda::postgres
