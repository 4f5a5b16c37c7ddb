#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "contract/event_store_contract.hpp"
#include "contract/scripted_turns.hpp"

namespace edda::test {

/// One store among those that must all answer the same. An adapter joins by a line in `contestants()`.
struct Contestant {
  std::string name;
  std::function<std::unique_ptr<StoreUnderTest>()> open;
  /// R1 lets a store answer `conflict` (decide again) to a turn whose key went to an earlier turn of the batch that did
  /// not pass; one that checks turns strictly one after the other lets it pass instead. Both are right, and nobody
  /// holds the key.
  bool decides_again = true;
  bool outlives_its_process = false;  ///< can be closed and opened again
  bool has_upkeep = true;             ///< StoreUnderTest::check and rebuild
  std::unique_ptr<StoreUnderTest> store = {};
};

/// Those that live in this process. The simulated store first: it decides again, so it tells which turns the others must not see.
std::vector<Contestant> contestants();
/// The simulated store and a real PostgreSQL, emptied.
std::vector<Contestant> postgres_contestants();

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
  explicit ModelsVsReality(std::vector<Contestant> all = contestants())
      : all_(std::move(all)), turns_([this](StreamId stream) {
          const auto stored = await(all_.front().store->log().read_stream(stream, StreamVersion{0}, 10'000, soon()));
          return static_cast<std::int64_t>(stored->size());
        }) {
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
  void reopen();

  std::vector<Contestant> all_;
  ScriptedTurns turns_;
};

}  // namespace edda::test
