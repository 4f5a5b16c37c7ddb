#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "contract/event_store_contract.hpp"

namespace edda::test {

/// One store among those that must all answer the same. An adapter joins by a line in `contestants()`.
struct Contestant {
  std::string name;
  std::function<std::unique_ptr<StoreUnderTest>()> open;
  /// R1 lets a store answer `conflict` (decide again) to a turn whose key went to an earlier turn of the batch that did not pass; one that
  /// checks turns strictly one after the other lets it pass instead. Both are right, and nobody holds the key.
  bool decides_again = true;
  bool outlives_its_process = false;  ///< can be closed and opened again
  bool has_upkeep = true;             ///< StoreUnderTest::check and rebuild
  std::unique_ptr<StoreUnderTest> store = {};
};

/// The simulated store first: it decides again, so it tells which turns the others must not see.
std::vector<Contestant> contestants();

/// One turn of a script, in small numbers; what it means depends on how far the streams are.
struct Plan {
  int order = 0;
  int streams = 1;  ///< bits: order, payment, saga
  int events = 1;   ///< of each stream
  int kind = 0;     ///< which event
  int lag = 0;      ///< how far behind the expected versions are: 0 mostly
  int folded = 0;   ///< an order whose stream is folded and not written; 0: none
  int key = -1;
  int fingerprint = 0;
  int claim = -1;
  int epoch = -1;
  int second = 1;
  int after = -1;  ///< index in the batch
  bool again = false;
  bool bad = false;  ///< text that no store takes
};

/// One step of a script: a batch, and then something else.
struct Step {
  enum class Then { nothing, take_over, take_over_if, read_shard, read_backwards, read_stream, find_key, reopen };
  std::vector<Plan> batch;
  Then then = Then::nothing;
  int number = 0;  ///< of what, from where: as `then` needs it
};

/// Carries one script out on all contestants and compares every answer.
class ModelsVsReality {
 public:
  ModelsVsReality() : all_(contestants()) {
    for (Contestant& contestant : all_) contestant.store = contestant.open();
  }

  /// Nothing, or the first difference in words.
  std::optional<std::string> run(const std::vector<Step>& script);

 private:
  using Ask = std::function<std::string(StoreUnderTest&)>;

  std::optional<std::string> append(const std::vector<Plan>& plans);
  std::optional<std::string> follow(const Step& step);
  std::optional<std::string> compare_all();
  std::optional<std::string> look_after();
  std::optional<std::string> same(const std::string& what, const Ask& ask);
  Turn turn_of(const Plan& plan, const std::vector<Turn>& earlier);
  std::int64_t& version(StreamId stream);
  void reopen();

  std::vector<Contestant> all_;
  std::vector<std::pair<StreamId, std::int64_t>> versions_;  ///< as the batch being built would leave them
  std::optional<Turn> last_;
  std::uint64_t turns_ = 0;
};

}  // namespace edda::test
