#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/timestamp.hpp"
#include "ports/task.hpp"

/// What the replaced system's database holds, as it stands there: amounts, states and items are its texts. Reading judges nothing.
namespace edda::replaced {

struct PaymentRecord {
  Uuid id;
  std::string amount;  ///< "12.00"
  std::string status;
  std::string external_transaction_id;
  std::string failure_reason;
};

struct SagaRecord {
  Uuid id;
  std::string type;
  std::string status;
  std::string step;
  std::string error;
};

struct OrderRecord {
  OrderId id;
  UserId user;
  std::string total;  ///< "12.00"
  std::string status;
  std::string items;  ///< JSON array
  std::string shipping_address;
  std::string idempotency_key;  ///< empty: none
  std::string cancel_reason;    ///< of its OrderCancelled in event_store; empty: none
  Timestamp created_at;
  Timestamp updated_at;  ///< never before created_at
  std::vector<PaymentRecord> payments;
  std::vector<SagaRecord> sagas;
};

struct UserRecord {
  UserId id;
  std::string email;
  std::string password_hash;
  std::string first_name;
  std::string last_name;
  std::string role;
  std::string status;
  bool email_verified = false;
  Timestamp created_at;
  Timestamp updated_at;
};

/// A row that belongs to no order.
struct Stray {
  std::string table;
  std::string id;
  std::string status;
  std::string amount;  ///< of a payment
  std::string reason;
};

/// How many rows of a table have a status, and their sum. `amount` is "0" where the table has none.
struct Sum {
  std::string table;
  std::string status;
  std::int64_t count = 0;
  std::string amount;
};

/// The replaced system's database at one instant. Nothing in it is changed. Thread-safety: none; one call after the other.
/// Errors: unavailable; invalid_argument (reason "replaced_system") when it has not the tables or columns of that system.
class System {
 public:
  virtual ~System() = default;

  /// Up to `limit` users after `after`, ascending by id.
  virtual Task<Result<std::vector<UserRecord>>> read_users(std::optional<UserId> after, std::size_t limit, Deadline deadline) = 0;

  /// An order's beginning (at its created_at) or its end (at its updated_at).
  struct Moment {
    bool is_end = false;
    OrderRecord order;
  };
  /// The next moments of all orders, at most `limit`, in the order of time; an order's beginning comes before its end. Empty: no more.
  virtual Task<Result<std::vector<Moment>>> next_moments(std::size_t limit, Deadline deadline) = 0;

  virtual Task<Result<std::vector<Stray>>> read_strays(Deadline deadline) = 0;
  virtual Task<Result<std::vector<Sum>>> read_sums(Deadline deadline) = 0;
};

}  // namespace edda::replaced
