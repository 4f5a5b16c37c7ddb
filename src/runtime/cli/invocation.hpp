#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "config/load.hpp"

namespace edda::cli {

/// What every command understands.
struct Common {
  config::Sources sources;  ///< flags so far, environment, --config
  std::string url;          ///< --url; empty: the server of the data folder
  bool json = false;
  bool no_color = false;
};

struct ServeArguments {};
struct DemoArguments {
  double orders_per_second = 1;
};
struct OrderArguments {
  std::string action;  ///< create, get, list, cancel, watch
  std::string id;
  std::vector<std::string> items;  ///< PRODUCT[:QUANTITY[:PRICE]]
  std::string address = "1 Saga Street, Reykholt";
  std::string currency = "USD";
  std::string key;
  std::string reason;
  std::string status;
  std::string created_after;
  std::string cursor;
  std::size_t limit = 20;
  bool wait = false;
};
struct ProductArguments {
  std::string action;  ///< add, list, stock
  std::string id;
  std::string name;
  std::int64_t quantity = 0;  ///< on hand; stock: to add, or to take away
  std::string reason;
  std::string cursor;
  std::size_t limit = 20;
  bool untracked = false;
};
struct SagaArguments {
  std::string action;  ///< list, get
  std::string id;
  std::string state;
  std::string step;
  std::string older_than;
  std::string cursor;
  std::size_t limit = 20;
};
struct SagaActionArguments {
  std::string action;  ///< as the API's path ends: retry, skip, ..., state-outcome; signal
  std::string id;
  std::string reason;
  std::string step;
  std::string outcome;
  std::string reference;
  bool accept = false;        ///< signal: the other word is no
  std::int64_t version = 0;   ///< 0: whatever it is now
};
struct ParkedArguments {};
struct SagaCheckArguments {};
struct BatchArguments {
  std::string action;  ///< start, show, list, cancel
  std::string id;
  std::string act;     ///< what to do to each saga
  std::string reason;
  std::string state;
  std::string definition;
  std::string at_step;
  std::string older_than;
  std::string error;
  std::vector<std::string> sagas;
  std::string step;
  std::string outcome;
  std::string reference;
  std::size_t limit = 1'000;
  int rate = 50;
  std::optional<std::int64_t> expected_count;
  bool dry_run = false;
  bool detach = false;
};
struct EventArguments {
  bool follow = false;
  std::string type;
  std::string correlation;
  std::string cursor;
  std::size_t count = 20;
};
struct UserArguments {
  std::string action;  ///< add, list, role, disable, import
  std::string user;    ///< e-mail or id
  std::string role;
  std::string first_name = "New";
  std::string last_name = "User";
  std::string password_file;
  std::string reason;
  std::string file;
};
struct StoreArguments {
  std::string action;  ///< rebuild, verify, backup
};
struct MigrateArguments {};
struct NodesArguments {};
/// What a node logs.
struct LogLevelArguments {
  std::string level;  ///< empty: only shown
  std::string reason;
};
struct FeatureLevelArguments {
  std::optional<int> raise_to;  ///< unset: show where it stands
  std::string reason;
  bool dry_run = false;
};
struct ConfigArguments {
  std::string action;  ///< show, docs
};
struct DoctorArguments {};
struct HealthArguments {};
struct OpenapiArguments {};
struct VersionArguments {};
struct BenchArguments {
  std::vector<std::string> arguments;
};
struct PaysimArguments {
  std::vector<std::string> arguments;
};
struct FaultProxyArguments {
  std::vector<std::string> arguments;
};
struct WorkerArguments {
  std::vector<std::string> arguments;
};
struct CopyArguments {
  std::vector<std::string> arguments;
};
struct ImportArguments {
  std::vector<std::string> arguments;
};

struct Invocation {
  Common common;
  std::variant<ServeArguments, DemoArguments, OrderArguments, ProductArguments, SagaArguments, SagaActionArguments, ParkedArguments, SagaCheckArguments, BatchArguments, EventArguments, UserArguments, StoreArguments, MigrateArguments, NodesArguments,
               FeatureLevelArguments,
               LogLevelArguments,
               ConfigArguments, DoctorArguments, HealthArguments, OpenapiArguments, VersionArguments, BenchArguments, PaysimArguments, FaultProxyArguments, WorkerArguments, CopyArguments,
               ImportArguments>
      command;
};

inline constexpr int exit_ok = 0;
inline constexpr int exit_failure = 1;
inline constexpr int exit_usage = 2;

}  // namespace edda::cli
