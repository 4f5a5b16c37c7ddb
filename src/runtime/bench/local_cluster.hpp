#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/accounts.hpp"
#include "bench/process.hpp"

namespace edda::bench {

/// The nodes of ./run cluster, with what they stand on: this program as three of them, in a folder of its own and on free ports, or those
/// of a cluster that is up already.
/// Thread-safety: none.
class LocalCluster {
 public:
  /// Starts it: payments succeed at once, and registrations are not throttled. It ends with this object, or with this process, however that ends.
  /// Errors: unavailable (a program is missing, no checkout is near this program, or `up` failed: with what it said).
  static Result<std::unique_ptr<LocalCluster>> start(const std::filesystem::path& folder, int shards);
  /// The one in `folder`, as its nodes were started; it stays. Errors: not_found, unavailable.
  static Result<std::unique_ptr<LocalCluster>> join(const std::filesystem::path& folder);
  ~LocalCluster();
  LocalCluster(const LocalCluster&) = delete;

  const Target& front() const { return front_; }
  /// In the order of their names, which are node-1, node-2 and so on.
  const std::vector<Target>& nodes() const { return nodes_; }
  std::string broker() const { return "127.0.0.1:" + settings_.at("KAFKA_PORT"); }

  /// Starts what does not run, and waits until all of it is well. Errors: unavailable.
  Result<void> up();
  /// Sends a signal to a server. Errors: not_found (it does not run).
  Result<void> signal(const std::string& server, int signal) const;
  /// The sum of a counter or gauge over its labels. Errors: unavailable, not_found.
  Result<double> metric(std::size_t node, const std::string& name) const;

  using Row = std::vector<std::string>;
  /// A statement's rows, as the database's superuser, in the schema edda. Values hold no '|' and no line end. Errors: unavailable.
  Result<std::vector<Row>> query(const std::string& sql) const;
  /// As query. Errors: also unavailable when there is not one row of `columns` values.
  Result<Row> query_row(const std::string& sql, std::size_t columns) const;
  /// Has PostgreSQL do what the loads so far left it to do (vacuum, checkpoint), so that the next one does not pay for it. Errors: unavailable.
  Result<void> settle() const;
  /// For PostgreSQL's own programs: where the server is, and as whom; PGOPTIONS comes last.
  std::vector<std::string> database_environment(const std::string& database) const;

 private:
  LocalCluster(std::filesystem::path folder, std::filesystem::path script, std::vector<std::string> environment)
      : folder_(std::move(folder)), script_(std::move(script)), environment_(std::move(environment)) {}
  Result<void> guard();
  Result<void> read_settings();

  const std::filesystem::path folder_;
  const std::filesystem::path script_;
  const std::vector<std::string> environment_;
  std::map<std::string, std::string> settings_;
  Target front_;
  std::vector<Target> nodes_;
  int guarded_ = -1;  ///< closing it, by this object or by the end of the process, ends the cluster
  pid_t guard_ = -1;
};

/// PostgreSQL's own programs, as ./run cluster uses them.
std::string postgres_program(const std::string& name);

}  // namespace edda::bench
