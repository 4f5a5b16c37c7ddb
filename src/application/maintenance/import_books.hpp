#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "maintenance/import_story.hpp"
#include "ports/read_models.hpp"
#include "ports/replaced_system.hpp"

namespace edda::maintenance {

struct Count {
  std::int64_t rows = 0;
  std::int64_t minor = 0;

  bool operator==(const Count&) const = default;
};

using Counts = std::map<std::pair<std::string, std::string>, Count>;  ///< by table and status

/// Rows of one table and state, and the state they have now. `from` is "-" for what the replaced system had no row of,
/// `to` is "-" for what was left out.
struct BookLine {
  std::string table;
  std::string from;
  std::string to;
  Count count;
};

/// What an import did, row by row, and whether both sides say the same. The replaced side's sums and the store's rows are counted apart
/// from what was imported: a row that was lost on the way, or doubled, is a difference.
class ImportBooks {
 public:
  explicit ImportBooks(Currency currency) : currency_(currency) {}

  void add_order(const replaced::OrderRecord& record, const ImportedOrder& told);
  void add_left_out(const LeftOut& row);
  void add_user(std::string_view status);

  std::vector<BookLine> lines() const;
  /// A sentence for each difference.
  std::vector<std::string> compare_with_replaced(const std::vector<replaced::Sum>& sums) const;
  std::vector<std::string> compare_with_stored(const Counts& stored) const;

 private:
  void add(std::string_view table, std::string_view from, std::string_view to, std::int64_t minor);
  std::int64_t minor_of(const std::string& amount) const;

  const Currency currency_;
  std::map<std::tuple<std::string, std::string, std::string>, Count> lines_;
};

/// The store's rows; sagas other than an order's own are not counted.
Task<Result<Counts>> count_stored(ReadModels& views, Deadline deadline);

}  // namespace edda::maintenance
