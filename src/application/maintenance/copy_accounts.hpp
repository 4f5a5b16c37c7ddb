#pragma once

#include "maintenance/copy.hpp"

namespace edda::maintenance {

// The part of a copy that is about users. What was copied before is recognised.

/// Users with their sessions that have not expired at `now`, and the audit log; counted in the report.
/// Errors: already_exists when the target has another user with an email.
Task<Result<void>> copy_accounts(UserStore& source, UserStore& target, Timestamp now, CopyReport& report,
                                 Deadline deadline);

/// Notes in the report what differs.
Task<Result<void>> compare_accounts(UserStore& source, UserStore& target, Timestamp now, CopyReport& report,
                                    Deadline deadline);

}  // namespace edda::maintenance
